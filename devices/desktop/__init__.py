"""A desktop, and its machinery: monitors, displays, keyboards and the kill switch."""
