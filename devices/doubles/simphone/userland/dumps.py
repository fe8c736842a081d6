"""`dumpsys` and `logcat`: only the lines that programs look for."""

from collections.abc import Awaitable, Callable

from devices.doubles.simphone.phone import Window
from devices.doubles.simphone.userland.capture import displays
from devices.doubles.simphone.userland.job import Job

_PERMISSIONS = (
    "com.google.android.permissioncontroller/com.android.permissioncontroller.permission.ui.GrantPermissionsActivity"
)
_ILL = {1: "Application Not Responding", 2: "Application Error"}


async def dumpsys(job: Job) -> int:
    words = [word for word in job.arguments if not word.startswith("-")]
    name = words[0] if words else ""
    if name not in _DUMPS:
        return await job.fail(f"Can't find service: {name}" if name else "dumpsys: name a service", 0 if name else 1)
    return await job.out(await _DUMPS[name](job, words[1:]))


def _component(window: Window, *, long: bool = False) -> str:
    return f"{window.package}/{window.package if long else ''}.{window.activity}"


async def _window(job: Job, words: list[str]) -> str:
    window = await job.phone.window()
    display = job.phone.display
    size = display.current
    folds = len(displays(job.phone)) > 1
    focus = f"Window{{5e1f00d u0 {_component(window, long=True)}}}"
    locked = bool(job.phone.properties.number("sim.locked"))
    if window.asleep or locked:
        focus = "Window{5e1f00e u0 NotificationShade}"
    elif job.phone.properties.number("sim.permission"):
        focus = f"Window{{5e1f00f u0 {_PERMISSIONS}}}"
    elif ill := _ILL.get(int(job.phone.properties.number("sim.ill"))):
        focus = f"Window{{5e1f010 u0 {ill}: {window.package}}}"
    record = f"ActivityRecord{{ac71f17 u0 {_component(window)} t7}}"
    return "\n".join(
        (
            "WINDOW MANAGER POLICY STATE (dumpsys window policy)",
            "    KeyguardServiceDelegate",
            f"      showing={str(locked).lower()}",
            f"      inputRestricted={str(locked).lower()}",
            "      KeyguardStateMonitor",
            f"        mIsShowing={str(locked).lower()}",
            f"        mInputRestricted={str(locked).lower()}",
            "WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)",
            *(["  Display: mDisplayId=2", "    init=500x500 100dpi cur=500x500 app=500x500"] if folds else []),
            "  Display: mDisplayId=0 (organized)",
            f"    init={display.size} {display.density}dpi cur={size} app={size}",
            f"    mCurrentRotation=ROTATION_{display.rotation * 90}",
            f"    mRotation={display.rotation}",
            "WINDOW MANAGER WINDOWS (dumpsys window windows)",
            f"  Window #0 {focus}:",
            f"    mAttrs={{(0,0)(fillxfill) ty=BASE_APPLICATION{' fl=SECURE' if window.secure else ''}}}",
            f"  mCurrentFocus={focus}",
            f"  mFocusedApp={record}",
            f"  mDreamingLockscreen=false mShowingLockscreen=false screenState={'OFF' if window.asleep else 'ON'}",
        )
    )


async def _activity(job: Job, words: list[str]) -> str:
    window = await job.phone.window()
    record = f"ActivityRecord{{ac71f17 u0 {_component(window)} t7}}"
    if words[:1] == ["top"]:
        return f"TASK {window.package} id=7 userId=0\n  ACTIVITY {_component(window)} ac71f17 pid=4242"
    tasks = [
        f"    * Recent #{number}: Task{{7a5c{number:03x} #{number + 7} type=standard A=10100:{package}}}\n"
        f"      mActivityComponent={package}/.{activity}"
        for number, (package, activity) in enumerate(window.tasks)
    ]
    if words[:1] == ["recents"]:
        return "\n".join(["ACTIVITY MANAGER RECENT TASKS (dumpsys activity recents)", *tasks])
    return "\n".join(
        (
            "ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)",
            f"  topResumedActivity={record}",
            f"    mResumedActivity: {record}",
            f"  ResumedActivity: {record}",
            *tasks,
        )
    )


async def _input_method(job: Job, words: list[str]) -> str:
    window = await job.phone.window()
    shown = str(window.keyboard).lower()
    bound = str(job.phone.keyboard_bound()).lower()
    chosen = job.phone.documents.setting("secure", "default_input_method")
    return "\n".join(
        (
            "Current Input Method Manager state:",
            f"  mCurMethodId={chosen}",
            f"  mCurId={chosen} mHaveConnection=true mBoundToMethod={bound} mVisibleBound={shown}",
            f"  mShowRequested={shown} mShowExplicitlyRequested=false mShowForced=false mInputShown={shown}",
            f"  mInputViewStarted={str(window.focused).lower()} mIsInputViewShown={shown}",
        )
    )


async def _power(job: Job, words: list[str]) -> str:
    awake = not (await job.phone.window()).asleep
    state = "Awake" if awake else "Asleep"
    return (
        f"POWER MANAGER (dumpsys power)\n  mWakefulness={state}\n  mHoldingDisplaySuspendBlocker={str(awake).lower()}"
    )


async def _display(job: Job, words: list[str]) -> str:
    display = job.phone.display
    natural, size = display.natural, display.current
    return (
        "DISPLAY MANAGER (dumpsys display)\n"
        f"  mDisplayWidth={size.width} mDisplayHeight={size.height}\n"
        f"  mViewports=[DisplayViewport{{type=INTERNAL, valid=true, isActive=true, displayId=0, "
        f"uniqueId='local:{displays(job.phone)[-1]}', "
        f"orientation={display.rotation}, logicalFrame=Rect(0, 0 - {size.width}, {size.height}), "
        f"deviceWidth={natural.width}, deviceHeight={natural.height}}}]"
    )


async def _input(job: Job, words: list[str]) -> str:
    size, rotation = job.phone.display.natural, job.phone.display.rotation
    touches = "\n    0: down=true, split=false, deviceId=-1" if job.phone.screen.touched else " <no displays touched>"
    return (
        "INPUT MANAGER (dumpsys input)\n"
        f"  SurfaceWidth: {size.width}px\n  SurfaceHeight: {size.height}px\n  SurfaceOrientation: {rotation}\n"
        f"  TouchStatesByDisplay:{touches}"
    )


async def _battery(job: Job, words: list[str]) -> str:
    return (
        "Current Battery Service state:\n  AC powered: false\n  USB powered: true\n  status: 5\n  health: 2\n"
        "  present: true\n  level: 100\n  scale: 100\n  voltage: 4200\n  temperature: 250\n  technology: Li-ion"
    )


async def _package(job: Job, words: list[str]) -> str:
    if not words or not job.phone.app(words[0]):
        return f"Unable to find package: {words[0] if words else ''}"
    return (
        f"Packages:\n  Package [{words[0]}] (5e1f00d):\n    versionCode=1 minSdk=34 targetSdk=34\n    versionName=1.0\n"
        "    pkgFlags=[ HAS_CODE ]\n    firstInstallTime=2026-01-01 00:00:00\n    lastUpdateTime=2026-01-01 00:00:00"
    )


async def _surfaces(job: Job, words: list[str]) -> str:
    return "\n".join(
        f'Display {name} (HWC display {number}): port={number} pnpId=SIM displayName="SimPhone"'
        for number, name in enumerate(displays(job.phone))
    )


async def logcat(job: Job) -> int:
    """The log is empty: -d and -c succeed, and following it waits for ever."""
    return 0


_DUMPS: dict[str, Callable[[Job, list[str]], Awaitable[str]]] = {
    "window": _window,
    "activity": _activity,
    "input_method": _input_method,
    "power": _power,
    "display": _display,
    "input": _input,
    "battery": _battery,
    "package": _package,
    "SurfaceFlinger": _surfaces,
}

COMMANDS = {"dumpsys": dumpsys, "logcat": logcat}
