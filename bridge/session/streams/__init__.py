"""Subscriptions at TWS, asked once and shared, and what is known of instruments from them."""
