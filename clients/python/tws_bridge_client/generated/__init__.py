"""Written by `tws-bridge schemas` from the declarations."""
