"""An Android phone or emulator over adb, and its machinery: the connection, pictures, text and apps."""
