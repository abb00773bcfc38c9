"""The state that outlives a TWS process, as plain records. This room is pure; `shell/state_file.py` writes the file."""
