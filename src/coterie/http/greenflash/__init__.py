"""The Greenflash dialect."""
