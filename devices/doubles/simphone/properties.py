"""The properties of `getprop` and `setprop`, including the faults that tests inject."""

_NEW = {
    "init.svc.bootanim": "stopped",
    "persist.sys.locale": "en-US",
    "persist.sys.timezone": "UTC",
    "ro.build.characteristics": "default",
    "ro.build.fingerprint": "simphone/simphone/simphone:14/SIM1.260314.001/1:userdebug/test-keys",
    "ro.build.type": "userdebug",
    "ro.build.version.release": "14",
    "ro.build.version.sdk": "34",
    "ro.product.brand": "SimPhone",
    "ro.product.cpu.abi": "x86_64",
    "ro.product.device": "simphone",
    "ro.product.manufacturer": "SimPhone",
    "ro.product.model": "SimPhone",
    "ro.product.name": "simphone",
    "ro.serialno": "SIMPHONE",
    "sim.time": "2026-03-14T09:41:00",
    "sys.boot_completed": "1",
}


class NotAllowed(Exception):
    """A property or value that cannot be set; the message says why."""


class Properties:
    """The phone's properties by name."""

    def __init__(self, density: int) -> None:
        self._values = {**_NEW, "ro.sf.lcd_density": str(density)}

    def __getitem__(self, name: str) -> str:
        return self._values.get(name, "")

    def all(self) -> dict[str, str]:
        return dict(sorted(self._values.items()))

    def number(self, name: str) -> float:
        """A property as a number; 0 when it is not set."""
        return float(self._values.get(name) or 0)

    def put(self, name: str, value: str) -> None:
        """Sets a property.

        Raises:
            NotAllowed: it is read-only, or a `sim.` property that requires a number.
        """
        if name.startswith("ro."):
            raise NotAllowed("Read-only property was already set")
        if name.startswith("sim.") and name != "sim.time":
            try:
                float(value or 0)
            except ValueError as error:
                raise NotAllowed(f"{name} requires a number") from error
        self._values[name] = value
