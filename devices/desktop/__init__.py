"""A desktop: monitors, displays, keyboards and the kill switch."""
