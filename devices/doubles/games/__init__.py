"""What the environments that are no screens are made of: rules, drawn pictures, and the device around them."""
