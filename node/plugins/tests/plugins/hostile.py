"""Plugins that attack. Each attack returns how many of its attempts went through, so that 0 is the only good answer."""

import ctypes
import mmap
import os
import resource
import signal
import socket
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)


def through(*attempts):
    count = 0
    for attempt in attempts:
        try:
            attempt()
        except (OSError, MemoryError) as error:
            print("refused:", repr(error))
        else:
            print("WENT THROUGH:", attempt)
            count += 1
    return count


def call(number, *arguments):
    """A system call, as it is."""
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(argument) for argument in arguments])
    if result < 0:
        raise OSError(ctypes.get_errno(), "system call %d" % number)
    return result


def write(path):
    with open(path, "w") as file:
        file.write("written by a plugin")


class Inferencer:
    def configure(self, config):
        self.config = config

    def evaluate(self, parameters, data=None):
        return getattr(self, parameters["attack"])(**parameters.get("with", {}))

    def infer(self, parameters, input_data):
        attack = input_data.get("attack")
        return getattr(self, attack)() if attack else input_data

    # -- what a good plugin does -----------------------------------------------------------------------------------

    def nothing(self):
        return 1.0

    def better(self):
        return 2.0

    def scratch(self):
        """What must work: the scratch folder, child processes, threads, semaphores."""
        import subprocess
        import tempfile
        import threading

        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x" * 100000)
        assert subprocess.run(["true"]).returncode == 0
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        return 1.0

    # -- attacks ---------------------------------------------------------------------------------------------------

    def eat_memory(self):
        hoard = []
        while True:
            hoard.append(bytearray(16 << 20))

    def eat_memory_in_many_processes(self):
        for _ in range(20):
            if os.fork() == 0:
                hoard = bytearray(os.urandom(1 << 20) * 100)
                time.sleep(600)
                os._exit(len(hoard) % 2)
        time.sleep(600)

    def eat_memory_where_nobody_sees(self):
        """Processes that forbid others of the same user to look at them, and outlive their parent."""
        if os.fork() == 0:
            os.setsid()
            for _ in range(4):
                if os.fork() == 0:
                    libc.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
                    hoard = bytearray(b"x" * (100 << 20))
                    time.sleep(len(hoard))
            os._exit(0)
        time.sleep(10)
        return 1.0

    def eat_shared_memory(self):
        hoard = []
        while True:
            shared = mmap.mmap(-1, 64 << 20)
            for offset in range(0, 64 << 20, 4096):
                shared[offset] = 1
            hoard.append(shared)

    def fork_without_end(self):
        while True:
            try:
                os.fork()
            except OSError:
                time.sleep(0.01)

    def leave_processes_behind(self):
        for _ in range(5):
            if os.fork() == 0:
                os.setsid()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                if os.fork() == 0:
                    time.sleep(600)
                os._exit(0)
        return 0.0

    def hang(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        while True:
            time.sleep(1)

    def spin(self):
        while True:
            pass

    def print_without_end(self):
        while True:
            print("x" * 1000)

    def print_one_line_without_end(self):
        while True:
            os.write(2, b"x" * 4096)

    def write_outside(self, folder):
        return through(
            lambda: write(os.path.join(folder, "open", "new")),
            lambda: write(os.path.join(folder, "open", "canary")),
            lambda: os.truncate(os.path.join(folder, "open", "canary"), 0),
            lambda: os.unlink(os.path.join(folder, "open", "canary")),
            lambda: os.rename(os.path.join(folder, "open", "canary"), os.path.join(folder, "open", "moved")),
            lambda: os.symlink("/etc/passwd", os.path.join(folder, "open", "link")),
            lambda: os.mkdir(os.path.join(folder, "open", "made")),
            lambda: os.mkfifo(os.path.join(folder, "open", "fifo")),
            lambda: write(os.path.join(folder, "sdk", "doin_sdk", "evil.py")),
            lambda: write("/tmp/doin-plugin-was-here"),
            lambda: write("/var/tmp/doin-plugin-was-here"),
            lambda: write("/usr/doin-plugin-was-here"),
            lambda: write("/proc/sys/kernel/core_pattern"),
        )

    def read_secrets(self, folder, node):
        return through(
            lambda: open(os.path.join(folder, "private", "secret")).read(),
            lambda: os.listdir(os.path.join(folder, "private")),
            lambda: os.link(os.path.join(folder, "private", "secret"), os.path.join(os.environ["TMPDIR"], "stolen")),
            lambda: open("/proc/%d/environ" % node).read(),
            lambda: open("/proc/%d/mem" % node, "rb").read(1),
            lambda: os.readlink("/proc/%d/fd/0" % node),
            lambda: open("/proc/%d/maps" % node).read(),
            lambda: open("/proc/%d/root/etc/hostname" % node).read(),
        )

    def fill_scratch(self):
        written = 0
        for index in range(1000):
            with open(os.path.join(os.environ["TMPDIR"], str(index)), "wb") as file:
                file.write(b"x" * (1 << 20))
                written += 1
            time.sleep(0.02)
        return written

    def open_sockets(self, port, local):
        def connect(family, address, kind=socket.SOCK_STREAM):
            with socket.socket(family, kind) as connection:
                connection.settimeout(2)
                connection.connect(address)
                connection.send(b"x")

        def listen():
            with socket.socket() as listener:
                listener.bind(("0.0.0.0", 0))
                listener.listen()

        return through(
            lambda: connect(socket.AF_INET, ("127.0.0.1", port)),
            lambda: connect(socket.AF_INET6, ("::ffff:127.0.0.1", port)),
            lambda: connect(socket.AF_INET, ("127.0.0.1", port), socket.SOCK_DGRAM),
            lambda: connect(socket.AF_UNIX, local),
            lambda: connect(socket.AF_UNIX, "\0doin-test-%d" % port),
            lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close(),
            lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close(),
            listen,
            lambda: call(425, 8, ctypes.addressof(ctypes.create_string_buffer(512))),  # io_uring_setup
            lambda: call(0x40000029, 2, 1, 0),  # socket by its x32 number
        )

    def use_the_network(self, port):
        with socket.socket() as connection:
            connection.connect(("127.0.0.1", port))
        return 1.0

    def kill_others(self, node):
        return through(
            lambda: os.kill(node, signal.SIGKILL),
            lambda: os.kill(node, 0),
            lambda: call(234, node, node, signal.SIGKILL),  # tgkill
            lambda: call(434, node, 0) and None,  # pidfd_open
            lambda: call(101, 16, node, 0, 0),  # ptrace attach
            lambda: os.setpriority(os.PRIO_PROCESS, node, 19),
            lambda: resource.prlimit(node, resource.RLIMIT_CPU, (1, 1)),
            lambda: os.sched_setaffinity(node, {0}),
        )

    def kill_all(self):
        for _ in range(3):
            os.kill(-1, signal.SIGKILL)
        return 0.0

    def kill_parents(self):
        try:
            os.kill(os.getppid(), signal.SIGKILL)
        except OSError:
            pass
        return 0.0

    def gain_privileges(self):
        return through(
            lambda: os.setuid(0) or os.geteuid() and None,
            lambda: call(272, 0x10000000),  # unshare: a namespace of users
            lambda: call(56, 0x10000000 | 17, 0, 0, 0, 0),  # clone into one
            lambda: call(165, 0, 0, 0, 0, 0),  # mount
            lambda: call(161, 0),  # chroot
            lambda: call(321, 0, 0, 0),  # bpf
            lambda: call(319, 0, 0),  # memfd_create
            lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
        )

    def crash(self):
        ctypes.string_at(0)

    def exit(self):
        sys.exit(0)

    def exit_at_once(self):
        os._exit(0)

    def not_a_number(self):
        return float("nan")

    def a_lie(self):
        return {"performance": "many", "probe": 1}

    def garbage(self, text, repeat=1):
        data = bytes.fromhex(text) * repeat
        # Whichever descriptor the protocol has.
        for descriptor in range(3, 32):
            try:
                os.write(descriptor, data)
            except OSError:
                pass
        time.sleep(600)


class Synthetic:
    def generate(self, seed=None):
        return {"seed": seed}


class Optimizer:
    """Searches of all kinds."""

    _current_stage = 0

    def force_stage_advance(self):
        self._current_stage += 1

    def configure(self, config):
        self.config = config
        self.champion = None

    def set_local_champion_callback(self, callback):
        self.report = callback

    def set_eval_service_callback(self, callback):
        self.between = callback

    def set_network_champion(self, parameters):
        self.champion = parameters

    def optimize(self, current_best_params, current_best_performance):
        return getattr(self, self.config["search"])(current_best_params)

    def step(self, best):
        return {"attack": "nothing", "step": best.get("step", 0) + 1}, 2.0

    def island(self, best):
        """A run that goes on for ever and takes in champions."""
        at = 0
        while True:
            time.sleep(0.05)
            if self.champion is not None:
                at, self.champion = self.champion["step"], None
            at += 1
            self.report({"attack": "nothing", "step": at}, float(at), {}, 0, {"stage": self._current_stage})

    def set_generation_end_callback(self, callback):
        self.generation_end = callback

    def set_stage_start_callback(self, callback):
        self.stage_start = callback

    def set_stage_end_callback(self, callback):
        self.stage_end = callback

    def set_candidate_evaluated_callback(self, callback):
        self.candidate_evaluated = callback

    def said(self, how):
        """One of the callbacks, as the reference implementation calls it."""
        info = {"stage": 1, "total_stages": 2, "fitness": float("inf"), "avg_fitness": 1.0}
        champion = {"attack": "better"}
        {
            "generation_end": lambda: self.generation_end([1, 2], [champion], ["a"], 3, info, {"avg": 1.0, "std": float("nan")}),
            "stage_start": lambda: self.stage_start(1, 2),
            "stage_end": lambda: self.stage_end(1, 2, champion, 2.0, {"mae": 0.5}),
            "candidate_evaluated": lambda: self.candidate_evaluated({"fitness": 1.0, "hyper_dict": {"a": object()}}),
            "between_candidates": lambda: self.between(3, 4, info),
            "progress": lambda: __import__("doin_sdk").progress(generation=3, note="x" * 10000),
            "nothing": lambda: None,
        }[how]()

    def long_run(self, best):
        """Longer than silence is allowed; what it says is what keeps it alive."""
        for _ in range(15):
            time.sleep(0.2)
            self.said(self.config["says"])
        return {"attack": "better"}, 2.0

    def silent(self, best):
        while True:
            time.sleep(1)

    def flood(self, best):
        while True:
            self.between(0, 0, {})

    def large(self, best):
        return {"attack": "better", "x": "x" * 5_000_000}, 1.0

    def create_shared_population(self, size, seed):
        return [{"step": index, "seed": seed} for index in range(size)]

    def evaluate_candidate(self, genome, generation):
        if genome["step"] == 1:
            raise ValueError("no such step")
        if genome["step"] == 2:
            os._exit(3)
        if genome["step"] == 3:
            time.sleep(600)
        return {"fitness": genome["step"] / 3.0, "parameters": {"attack": "nothing", "step": genome["step"]}}

    def reproduce_shared(self, population, generation, seed, **others):
        alive = [genome for genome in population if not genome["rejected"]]
        best = max(alive, key=lambda genome: genome["fitness"])
        return {"population": [dict(best, seed=seed) for _ in population], "generation": generation + 1}

    def get_domain_metadata(self):
        return {"performance_metric": "none", "higher_is_better": True}
