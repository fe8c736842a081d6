"""What the Android device is made of: the connection over adb, pictures, text, and apps."""
