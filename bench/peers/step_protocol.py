"""The peers' side of the step protocol, over lines of JSON: see torch_step.py."""

import json
import resource
import sys
import time


def reply(message: dict) -> None:
    print(json.dumps(message), flush=True)


def peak_resident_bytes() -> int:
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def answer(ready: dict, step) -> None:
    """Announces itself with `ready`, then answers every command with a line until the input ends; `step` takes a step and returns the loss."""
    reply({"ready": True, **ready})
    for line in sys.stdin:
        message = json.loads(line)
        if message["command"] == "steps":
            started = time.perf_counter()
            for _ in range(message["count"]):
                loss = step()
            reply({"milliseconds": (time.perf_counter() - started) * 1e3, "loss": loss})
        elif message["command"] == "memory":
            reply({"bytes": peak_resident_bytes()})
        else:
            reply({"error": f"unknown command {message['command']!r}"})
