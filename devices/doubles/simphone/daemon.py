"""The phone as an adb server sees it: a port, its connections, and the faults that tests inject."""

import asyncio

from devices.doubles.simphone.phone import Phone
from devices.doubles.simphone.services import find_service
from devices.doubles.simphone.transport import Connection, Service

_FEATURES = "shell_v2,cmd"


class Daemon:
    """Listens on the loopback address for adb servers, until it is closed or killed by a test."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._away_until = 0.0
        self._distrusts_until = 0.0
        self.died = asyncio.Event()
        phone.fault = self._fault

    async def listen(self, port: int) -> int:
        """Starts listening and returns the port; 0 lets the system choose.

        Raises:
            OSError: the port is taken.
        """
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server:
            self._server.close()
        self._cut()
        await asyncio.sleep(0)

    @property
    def banner(self) -> str:
        names = ("name", "model", "device")
        products = "".join(f"ro.product.{name}={self._phone.properties[f'ro.product.{name}']};" for name in names)
        return f"device::{products}features={_FEATURES}"

    @property
    def trusts_everyone(self) -> bool:
        return asyncio.get_running_loop().time() >= self._distrusts_until

    def find_service(self, name: str) -> Service | None:
        return find_service(self._phone, name)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self, reader, writer)
        if asyncio.get_running_loop().time() < self._away_until:
            connection.cut()
            return
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)

    def _fault(self, name: str, value: float) -> None:
        now = asyncio.get_running_loop().time()
        if name == "sim.drop" and value:
            self._away_until = now + value
            self._cut()
        elif name == "sim.unauthorized" and value:
            self._distrusts_until = now + value
            self._cut()
        elif name == "sim.die" and value:
            self._cut()
            self.died.set()

    def _cut(self) -> None:
        for connection in self._connections:
            connection.cut()
