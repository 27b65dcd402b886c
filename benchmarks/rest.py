"""Publishing and reading through REST with one client, over a real `colophon serve` with all its readers beside.

Beside it: InvenioRDM 14's figures on the same kind of machine, as the design cites them (it can't be run here), and the
same server's `/api/ping`, which is what any answer costs at least.
"""

import time
from collections.abc import Callable

import httpx
from measuring import command, descendants, fresh_home, percentile, resident, serving, table

ROUNDS = 300
METADATA = {
    "resource_type": {"id": "dataset"},
    "title": "Rainfall at the harbour",
    "publication_date": "2024-05-01",
    "publisher": "Harbour Institute",
    "creators": [{"person_or_org": {"type": "personal", "given_name": "Ada", "family_name": "Holm"}}],
}


def timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    with fresh_home() as home:
        command(home, "init")
        command(home, "accounts", "create", "bench@example.org")
        token = command(home, "accounts", "token", "bench@example.org").split()[-1]
        with serving(home) as (url, server), httpx.Client(base_url=url) as client:
            headers = {"Authorization": f"Bearer {token}"}
            body = {"metadata": METADATA, "files": {"enabled": False}}
            publish, read, ping = [], [], []
            for number in range(ROUNDS + 20):
                draft = client.post("/api/records", json=body, headers=headers).json()
                address = draft["links"]["publish"]
                milliseconds = timed(lambda address=address: client.post(address, headers=headers).raise_for_status())
                if number >= 20:
                    publish.append(milliseconds)
            record = f"/api/records/{draft['id']}"
            time.sleep(3)  # the readers catch up
            for _ in range(ROUNDS):
                read.append(timed(lambda: client.get(record).raise_for_status()))
                ping.append(timed(lambda: client.get("/api/ping").raise_for_status()))
            memory = {pid: resident(pid) / 2**20 for pid in descendants(server.pid)}
    rows = [
        ("publish a draft without files", publish, "p50 ≤ 10", "92"),
        ("GET of a record", read, "p50 ≤ 2", "17"),
        ("GET of `/api/ping` (the floor)", ping, "–", "–"),
    ]
    table(
        "REST, one client, embedded (milliseconds)",
        ("what", "p50", "p95", "budget", "InvenioRDM 14, cited"),
        [
            (name, f"{percentile(values, 0.5):.2f}", f"{percentile(values, 0.95):.2f}", budget, cited)
            for name, values, budget, cited in rows
        ],
    )
    largest = ", ".join(f"{size:.0f}" for size in sorted(memory.values(), reverse=True))
    print(f"\nRssAnon of the server's processes, MiB: {largest} (budget of a web worker: 200)")


if __name__ == "__main__":
    main()
