"""Games as environments without a screen: rules, drawn pictures, and the device around them."""
