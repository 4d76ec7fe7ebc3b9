"""An outside worker for Longhouse: plays rival nations of Sovereign Lines.

    python worker.py --server 127.0.0.1:7352

It says how many seats it wants and how much it takes at a time; the server hands it turns. What it remembers lies with the
server: end this program, start it elsewhere, and the nations go on with what they knew.
"""

import argparse
import importlib
import json
import os
import pathlib
import queue
import random
import signal
import sys
import tempfile
import threading

import grpc
import msgpack
from grpc_tools import protoc

import strategy

HERE = pathlib.Path(__file__).resolve().parent
PROTO = HERE.parent.parent / "crates" / "agents" / "proto"
# Waits before it comes again when the server is away; each is chosen at random below the bound, which doubles.
AGAIN_SECONDS = 0.25
AGAIN_SECONDS_MAX = 15.0


def contract(folder):
    """The contract's types, made from agents.proto in a folder."""
    asked = ["protoc", f"-I{PROTO}", f"--python_out={folder}", f"--grpc_python_out={folder}", "agents.proto"]
    if protoc.main(asked) != 0:
        sys.exit(f"the contract cannot be read: {PROTO / 'agents.proto'}")
    sys.path.insert(0, str(folder))
    return importlib.import_module("agents_pb2"), importlib.import_module("agents_pb2_grpc")


class Worker:
    """One worker: what it does with each word of the server."""

    def __init__(self, options, proto):
        self.options = options
        self.proto = proto
        self.told = {"turns": 0, "commands": 0, "refused": 0, "late": 0, "jobs": 0, "remembered": 0, "reasons": {}}
        self.lands = {}
        self.seats = set()
        self.out = None

    def hello(self):
        options = self.options
        return self.proto.Hello(
            name=options.name, rules=["sovereign"], match_ids=options.match, seats_max=options.seats, kinds=["motto"]
        )

    def words(self):
        """What it says, as long as the call goes on."""
        yield self.proto.FromWorker(hello=self.hello())
        yield self.proto.FromWorker(ready=self.proto.Ready(credit=self.options.credit))
        while (word := self.out.get()) is not None:
            yield word

    def say(self, **word):
        """Answers, and says that it takes one more."""
        self.out.put(self.proto.FromWorker(**word))
        self.out.put(self.proto.FromWorker(ready=self.proto.Ready(credit=1)))

    def hear(self, word):
        kind = word.WhichOneof("word")
        if kind == "turn":
            self.turn(word.turn)
        elif kind == "job":
            self.job(word.job)
        elif kind == "seat":
            (self.seats.add if word.seat.given else self.seats.discard)((word.seat.match_id, word.seat.seat))
            print(f"{'got' if word.seat.given else 'lost'} seat {word.seat.seat} of {word.seat.match_id}", file=sys.stderr)
        elif kind == "too_late":
            self.told["late"] += 1
        elif kind == "refused":
            self.told["refused"] += 1
            reason = word.refused.reason
            self.told["reasons"][reason] = self.told["reasons"].get(reason, 0) + 1

    def turn(self, turn):
        seen = msgpack.unpackb(turn.observation, strict_map_key=False)
        memory = msgpack.unpackb(turn.memory, strict_map_key=False) if turn.memory else {}
        self.told["remembered"] = max(self.told["remembered"], memory.get("turns", 0))
        commands, memory = strategy.decide(seen, memory)
        done = self.proto.TurnDone(
            turn=turn.turn, commands=[msgpack.packb(command) for command in commands], memory=msgpack.packb(memory)
        )
        self.say(turn_done=done)
        self.told["turns"] += 1
        self.told["commands"] += len(commands)
        if seen["phase"][0] == 0:
            return
        first, _ = self.lands.get((turn.match_id, turn.seat), (seen["me"]["tiles"], 0))
        self.lands[turn.match_id, turn.seat] = (first, seen["me"]["tiles"])

    def job(self, job):
        """Names things after their letters: it stands for whatever a worker can do that a server cannot."""
        words = job.body.decode(errors="replace").split()
        motto = " ".join(word.capitalize() for word in sorted(words)) or "Silence"
        self.told["jobs"] += 1
        self.say(job_done=self.proto.JobDone(job=job.job, body=motto.encode()))

    def enough(self):
        return self.options.turns and self.told["turns"] >= self.options.turns

    def summary(self):
        lands = list(self.lands.values())
        return {**self.told, "seats": len(lands), "tiles_first": sum(a for a, _ in lands), "tiles_last": sum(b for _, b in lands)}


def work(worker, stub, key, stopped):
    """One call. Ends when the server ends it, when it has done enough, or when it is told to stop."""
    worker.out, worker.seats = queue.Queue(), set()
    call = stub.Work(worker.words(), metadata=[("authorization", f"Bearer {key}")])
    threading.Thread(target=lambda: (stopped.wait(), call.cancel()), daemon=True).start()
    try:
        for word in call:
            worker.hear(word)
            if worker.enough():
                return
    finally:
        worker.out.put(None)
        call.cancel()


def main():
    parser = argparse.ArgumentParser(description="Plays rival nations of Sovereign Lines.")
    parser.add_argument("--server", default="127.0.0.1:7352", help="where agents.listen is (default: %(default)s)")
    parser.add_argument("--key", default=os.environ.get("LONGHOUSE_AGENTS_KEY", "defaultagentskey"), help="agents.key")
    parser.add_argument("--name", default=f"python-{os.getpid()}", help="a name for the server's log")
    parser.add_argument("--seats", type=int, default=16, help="seats at a time (default: %(default)s)")
    parser.add_argument("--credit", type=int, default=8, help="turns under way at a time (default: %(default)s)")
    parser.add_argument("--match", action="append", default=[], help="only seats of this match; may be repeated")
    parser.add_argument("--turns", type=int, default=0, help="ends after so many turns (default: never)")
    options = parser.parse_args()

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with tempfile.TemporaryDirectory() as folder:
        proto, service = contract(folder)
        worker = Worker(options, proto)
        again = AGAIN_SECONDS
        while not stopped.is_set() and not worker.enough():
            before = worker.told["turns"]
            try:
                with grpc.insecure_channel(options.server) as channel:
                    work(worker, service.AgentServiceStub(channel), options.key, stopped)
            except grpc.RpcError as error:
                if error.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.INVALID_ARGUMENT):
                    sys.exit(f"the server refuses: {error.details()}")
                if not stopped.is_set():
                    print(f"the call ended: {error.details()}", file=sys.stderr)
            again = AGAIN_SECONDS if worker.told["turns"] > before else min(2 * again, AGAIN_SECONDS_MAX)
            if not worker.enough():
                stopped.wait(random.uniform(0, again))
        print(json.dumps(worker.summary()))


if __name__ == "__main__":
    main()
