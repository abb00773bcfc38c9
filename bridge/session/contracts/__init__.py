"""What contracts mean to TWS: descriptions by conId, identity, and resolution of contracts without a conId."""
