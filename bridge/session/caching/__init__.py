"""Answers of TWS that the bridge keeps, so that it need not ask again: reference data and finished bars."""
