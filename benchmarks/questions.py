"""How long questions to the records take, each asked many times."""

import statistics
import time
from collections.abc import Callable, Mapping

TIMES = 40


def slowest_question(questions: Mapping[str, Callable[[], object]]) -> float:
    """The 95th percentile of the slowest question in milliseconds; prints a line a question, by its name."""
    worst, width = 0.0, max(len(name) for name in questions)
    for name, ask in questions.items():
        cpu = time.process_time()
        times = sorted(_milliseconds(ask) for _ in range(TIMES))
        cpu = (time.process_time() - cpu) / TIMES * 1000
        p95 = times[int(TIMES * 0.95) - 1]
        worst = max(worst, p95)
        print(
            f"{name:{width}}   best {times[0]:6.1f} ms   median {statistics.median(times):6.1f} ms   p95 {p95:6.1f} ms"
            f"   this process's CPU {cpu:6.1f} ms"
        )
    return worst


def _milliseconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000
