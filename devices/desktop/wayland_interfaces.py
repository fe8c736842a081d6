"""The Wayland interfaces that are used: requests and events in the order of their protocol files, which numbers them.

The letters of a signature: i and u are signed and unsigned numbers, f a fixed-point number, s a text, o an object, n a
new object, a an array, h a file descriptor. Sources: wayland.xml, xdg-output-unstable-v1, and of wlr-protocols
screencopy, virtual-pointer, layer-shell and foreign-toplevel-management; virtual-keyboard-unstable-v1. Later requests
and events than those that are used are left out, at the end of each list.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Interface(NamedTuple):
    """Requests: opcode and signature by name. Events: name and signature in the order of their opcodes."""

    requests: Mapping[str, tuple[int, str]]
    events: tuple[tuple[str, str], ...]


def _interface(requests: str = "", events: str = "") -> Interface:
    """From words such as `create_pool:nhi`."""
    named = [tuple(word.split(":")) for word in requests.split()]
    return Interface(
        {name: (opcode, signature) for opcode, (name, signature) in enumerate(named)},
        tuple((word.split(":")[0], word.split(":")[1]) for word in events.split()),
    )


INTERFACES: Mapping[str, Interface] = {
    "wl_display": _interface("sync:n get_registry:n", "error:ous delete_id:u"),
    "wl_registry": _interface("bind:usun", "global_:usu global_remove:u"),
    "wl_callback": _interface("", "done:u"),
    "wl_compositor": _interface("create_surface:n create_region:n"),
    "wl_surface": _interface(
        "destroy: attach:oii damage:iiii frame:n set_opaque_region:o set_input_region:o commit:",
        "enter:o leave:o preferred_buffer_scale:i preferred_buffer_transform:u",
    ),
    "wl_shm": _interface("create_pool:nhi", "format:u"),
    "wl_shm_pool": _interface("create_buffer:niiiiu destroy:"),
    "wl_buffer": _interface("destroy:", "release:"),
    "wl_seat": _interface("get_pointer:n", "capabilities:u name:s"),
    "wl_pointer": _interface(
        "",
        "enter:uoff leave:uo motion:uff button:uuuu axis:uuf frame: axis_source:u axis_stop:uu axis_discrete:ui "
        "axis_value120:ui axis_relative_direction:uu",
    ),
    "wl_output": _interface("release:", "geometry:iiiiissi mode:uiii done: scale:i name:s description:s"),
    "zxdg_output_manager_v1": _interface("destroy: get_xdg_output:no"),
    "zxdg_output_v1": _interface("destroy:", "logical_position:ii logical_size:ii done: name:s description:s"),
    "zwlr_screencopy_manager_v1": _interface("capture_output:nio"),
    "zwlr_screencopy_frame_v1": _interface(
        "copy:o destroy:", "buffer:uuuu flags:u ready:uuu failed: damage:uuuu linux_dmabuf:uuu buffer_done:"
    ),
    "zwlr_virtual_pointer_manager_v1": _interface("create_virtual_pointer:on"),
    "zwlr_virtual_pointer_v1": _interface(
        "motion:uff motion_absolute:uuuuu button:uuu axis:uuf frame: axis_source:u axis_stop:uu axis_discrete:uufi"
    ),
    "zwp_virtual_keyboard_manager_v1": _interface("create_virtual_keyboard:on"),
    "zwp_virtual_keyboard_v1": _interface("keymap:uhu key:uuu modifiers:uuuu destroy:"),
    "zwlr_layer_shell_v1": _interface("get_layer_surface:noous"),
    "zwlr_layer_surface_v1": _interface(
        "set_size:uu set_anchor:u set_exclusive_zone:i set_margin:iiii set_keyboard_interactivity:u get_popup:o "
        "ack_configure:u destroy:",
        "configure:uuu closed:",
    ),
    "zwlr_foreign_toplevel_manager_v1": _interface("stop:", "toplevel:n finished:"),
    "zwlr_foreign_toplevel_handle_v1": _interface(
        "set_maximized: unset_maximized: set_minimized: unset_minimized: activate:o close: set_rectangle:oiiii "
        "destroy:",
        "title:s app_id:s output_enter:o output_leave:o state:a done: closed: parent:o",
    ),
}
