"""Echo of keys while the queue of a storm drains and another desk's changes come in, against the idle desk.

    python -m benchmarks.busy [--commands 6000] [--lines 12] [--accounts 20000] [--json FILE]

One console in a terminal of its own, a real central process, and the network between them. First the network
is down and the desk has nothing to do but wait: that is idle. Then two colleagues' desks drain while this one
still waits: what the keys lose to the machine, since central, the network and the colleagues run on the same
processors, which a workstation does not share. Then its own queue drains beside a third colleague's, so that
changes arrive all the time. The same lines are typed in all three, ten keys a second. The rest of the world
is a process of its own and gets what is left, and nothing of it runs where the keys are timed.
"""

import argparse
import contextlib
import gc
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.harness import Figure, Report, percentile
from benchmarks.stops import Stretch, touched, watched

if TYPE_CHECKING:
    from benchmarks.served import Workstation

PIN = "4417"
KEY_S, LINE_S = 0.1, 0.4
CLEAR = "\x15"
PROMPT = "> "


def console_at(folder: str, socket: str) -> None:
    """The console as `csr-console` opens it, on stores that have their session, before a Unix socket."""
    gc.disable()  # the entry does it too, before the import that comes next here
    from csr_console import __main__ as entry
    from csr_console import console

    def open_unlocked(settings, _passphrase, on_event):
        from csr_console.desk.desk import Desk
        from csr_console.desk.gateway import Gateway
        from csr_console.desk.model import DeskSettings
        from csr_console.desk.secrets import ThrowAwayKeys

        desk = Desk.open(
            DeskSettings(settings.data, settings.station),
            ThrowAwayKeys(settings.data),
            gateway=Gateway(uds=socket),
            on_event=on_event,
        )
        desk.unlock(PIN)
        desk.start()
        return desk

    console._passphrase_when_needed = lambda _folder: None
    console._open_desk = open_unlocked
    os.environ["CSR_CONSOLE_SETTINGS"] = f"{folder}/settings.toml"
    sys.argv = ["csr-console"]
    entry.main()


class Typist:
    """Types lines into the console and finds out afterwards when each key stood on the screen."""

    def __init__(self, terminal, lines: Sequence[str]) -> None:
        self.terminal = terminal
        self.lines = lines

    def line(self, text: str) -> list[Stretch]:
        """When each key was sent and when its echo came, typed without waiting for any."""
        from benchmarks.terminal import shows

        sent, waited_for = [], []
        for end in range(1, len(text) + 1):
            if text[end - 1] == " ":
                self.terminal.send(" ")  # a space at the end of a line cannot be seen
            else:
                waited_for.append((self.terminal.mark, shows(PROMPT + text[:end])))
                sent.append(self.terminal.send(text[end - 1]))
            time.sleep(KEY_S)
        time.sleep(LINE_S)
        self.terminal.send(CLEAR)
        time.sleep(LINE_S)
        seen = self.terminal.moments(waited_for)
        if None in seen:
            raise RuntimeError(f"a key of {text!r} was never echoed:\n{self.terminal.text()}")
        return [(began, at) for at, began in zip(seen, sent, strict=True) if at is not None]


def rest_of_the_world(folder: Path, commands: int, accounts: int) -> None:
    """Central, the networks before it and colleagues' desks with queues of their own. Says when it is there,
    then takes `down` and `up` for the network of the desk that is typed at, `beside` for two colleagues who
    drain, and `rest`, which waits for them; ends with its input."""
    from benchmarks import served

    from csr_console.demo.network import NetworkThread, Weather

    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    served.ACCOUNTS = accounts
    with (
        served.central_on("sqlite", folder) as central,
        NetworkThread(folder / "net", central.listen, weather=Weather()) as network,
        NetworkThread(folder / "others", central.listen, weather=Weather()),
        contextlib.ExitStack() as stack,
    ):
        for process in (os.getpid(), central.pid):
            _gets_what_is_left(process)
        stations = ("B02", "B03", "B04")
        places = [served.Workstation(folder, folder / "others", station) for station in stations]
        for place in places:
            stack.enter_context(place)
            place.enter(commands)
        print("there", flush=True)
        for line in sys.stdin:
            match line.strip():
                case "beside":
                    _go_online(places[:2])
                case "rest":
                    while any(served.waiting(place.desk) for place in places[:2]):
                        time.sleep(0.1)
                case weather:
                    network.set_weather(Weather(down=weather == "down"))
                    if weather == "up":
                        _go_online(places[2:])
            print("done", flush=True)


def _gets_what_is_left(process: int) -> None:
    """Linux shares the processors among sessions before it looks at how urgent their processes are."""
    with contextlib.suppress(FileNotFoundError):  # where it does not, the policy of the process is enough
        Path(f"/proc/{process}/autogroup").write_text("19", encoding="ascii")


def _go_online(places: "Sequence[Workstation]") -> None:
    for place in places:
        threading.Thread(target=place.desk.work_offline, args=(False,)).start()


@contextlib.contextmanager
def world(folder: Path, options: argparse.Namespace) -> Iterator[Callable[[str], None]]:
    """Run the rest of the world; what is given is said to it."""
    command = [sys.executable, "-m", "benchmarks.busy", "--world", str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "start_new_session": True}
    numbers = [str(options.commands), str(options.accounts)]
    with subprocess.Popen([*command, *numbers], **pipes) as process:  # type: ignore[call-overload]

        def hears(word: str) -> None:
            if process.stdout.readline().strip() != word:
                raise RuntimeError("the rest of the world has ended")

        def say(line: str) -> None:
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
            hears("done")

        hears("there")
        yield say
        process.stdin.close()


def prepare_queue(place, folder: Path, commands: int) -> None:
    """Leave a workstation behind that has a PIN, a session and a full queue."""
    place.desk.set_pin(PIN)
    place.enter(commands)
    (folder / "settings.toml").write_text(
        f'station = "B01"\ncentral = "http://127.0.0.1:9"\ndata = "{folder}"\nlock_after_minutes = 30\n',
        encoding="utf-8",
    )


def measure(options: argparse.Namespace) -> Report:
    from benchmarks import served
    from benchmarks.terminal import Terminal
    from tests.faults.processes import opened_outbox

    from csr_console.desk.store import outbox_rows as rows

    served.ACCOUNTS = options.accounts
    served.city()
    report = Report(f"typing while {options.commands:,} commands drain, {options.accounts:,} customers")
    with tempfile.TemporaryDirectory(prefix="csr-bench-busy-") as name:
        folder = Path(name)
        with world(folder, options) as tell:
            with served.Workstation(folder, folder / "net", "B01") as place:
                prepare_queue(place, folder / "B01", options.commands)
                people = served.connected(place.desk)[: options.lines]
            tell("down")
            lines = [(one.name, one.service_address)[at % 2].lower() for at, one in enumerate(people)]
            command = [
                sys.executable,
                *("-m", "benchmarks.busy", "--console", str(folder / "B01"), str(folder / "net")),
            ]
            gc.freeze()
            with watched() as stops, Terminal(command) as terminal, opened_outbox(folder / "B01") as outbox:
                terminal.wait_text("open reports")
                terminal.wait_quiet(1.0)
                typist = Typist(terminal, lines)
                idle = [key for line in lines for key in typist.line(line)]
                tell("beside")
                beside = [key for line in lines for key in typist.line(line)]
                tell("rest")
                tell("up")

                def waiting() -> int:
                    with outbox.read() as connection:
                        counts = rows.counts(connection)
                    return sum(counts.get(state, 0) for state in ("queued", "sending", "unconfirmed"))

                while waiting() == options.commands:
                    time.sleep(0.05)
                busy: list[Stretch] = []
                typed = 0
                for line in lines * 20:
                    if not waiting():
                        break
                    busy += typist.line(line)
                    typed += 1
                left = waiting()
            report.facts |= {"left": left, "lines": typed}
    for name, keys in (("idle", idle), ("beside", beside), ("busy", busy)):
        stopped = sum(touched(*key, stops) for key in keys)
        report.facts |= {f"keys_{name}": len(keys), f"keys_{name}_in_a_stop": stopped}
    _add_figures(report, "", idle, beside, busy, [])
    _add_figures(report, "; while the machine ran", idle, beside, busy, stops)
    return report


def _add_figures(
    report: Report,
    which: str,
    idle: Sequence[Stretch],
    beside: Sequence[Stretch],
    busy: Sequence[Stretch],
    stops: Sequence[Stretch],
) -> None:
    """The echoes of each part, without those of keys in whose time the machine stood still."""
    ms = {
        name: [(at - began) * 1000 for began, at in keys if not touched(began, at, stops)]
        for name, keys in (("idle", idle), ("beside", beside), ("busy", busy))
    }
    for share, label in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99")):
        floor = percentile(ms["idle"], share)
        for name, doing in (("beside", "while only others drain"), ("busy", "while draining")):
            figure = percentile(ms[name], share)
            report.add(Figure(f"echo of a key {doing}, {label}{which}", figure, "ms", "", floor, "idle"))
    over = percentile(ms["busy"], 0.99) - percentile(ms["idle"], 0.99)
    report.add(Figure(f"echo of a key, p99, over idle{which}", over, "ms", "<= 16"))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--commands", type=int, default=6000)
    parser.add_argument("--lines", type=int, default=12)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    return measure(options).finish(options.json)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--console"]:
        console_at(*sys.argv[2:])
    elif sys.argv[1:2] == ["--world"]:
        rest_of_the_world(Path(sys.argv[2]), *map(int, sys.argv[3:]))
    else:
        with contextlib.suppress(KeyboardInterrupt):
            sys.exit(main())
