"""The machinery of the desktop device: monitors, displays, keyboards and the kill switch. No environment is in here."""
