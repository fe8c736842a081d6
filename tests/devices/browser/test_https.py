"""A server that speaks another protocol than the address says, or has a certificate of its own: the remedy works."""

import http.server
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from actions.errors import ActionRefused
from actions.web import Goto
from devices import DeviceOptions
from devices.browser.device import Browser
from tests.devices.browser.at import Open, Site, title

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")


class Inside(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = b"<title>inside</title>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None: ...


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that does not trust the certificate."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost, in a file with its key."""
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", str(file), "-out", f"{file}.crt"),
        ],
        check=True,
        capture_output=True,
    )
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


@pytest.fixture(scope="module")
def secure(certificate: Path) -> Iterator[str]:
    """The host and port of a server that speaks https only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Server(("127.0.0.1", 0), Inside) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"localhost:{server.server_port}"
        server.shutdown()


def test_the_other_protocol_is_suggested(opened: Open, site: Site, secure: str) -> None:
    browser = opened(site.add("/", "<title>start</title>"), sites=("localhost",))
    with pytest.raises(ActionRefused, match="does not speak http, write https://"):
        browser.perform(Goto(url=f"http://{secure}/"))
    with pytest.raises(ActionRefused, match="does not speak https, write http://"):
        browser.perform(Goto(url=site.address.replace("http:", "https:")))
    with pytest.raises(ActionRefused, match=r"does not trust the issuer.*certutil -d sql:.*libnss3-tools"):
        browser.perform(Goto(url=f"https://{secure}/"))


@pytest.mark.skipif(shutil.which("certutil") is None or sys.platform != "linux", reason="it is the remedy on Linux")
def test_a_certificate_that_is_trusted_as_the_remedy_says_opens_the_page(
    certificate: Path, secure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    command = "mkdir -p ~/.pki/nssdb && certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n NAME -i"
    subprocess.run(["sh", "-c", f'{command} "$0"', f"{certificate}.crt"], check=True, timeout=30)
    fresh = DeviceOptions(address=f"https://{secure}/", headless=True, user_data=tmp_path / "profile")
    with Browser(fresh) as browser:  # a profile's Chromium is not shared with other tests
        assert title(browser) == "inside"
