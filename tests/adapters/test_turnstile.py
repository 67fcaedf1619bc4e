"""Writers of one process: one at a time, in the order in which they came."""

from __future__ import annotations

import signal
import threading
from functools import partial
from pathlib import Path

import pytest

from adapters.store.database import Database, StoreError, open_sqlite
from adapters.store.turnstile import NestedError, Turnstile
from evals.world.home import wait_until


def has_waiting(turnstile: Turnstile, n: int) -> bool:
    return len(turnstile._waiting) == n


def test_they_go_through_in_the_order_in_which_they_came() -> None:
    turnstile, order, threads = Turnstile(10), list[int](), list[threading.Thread]()

    def goes(number: int) -> None:
        with turnstile.through():
            order.append(number)

    with turnstile.through():
        for number in range(20):
            threads.append(threading.Thread(target=goes, args=[number]))
            threads[-1].start()
            wait_until(partial(has_waiting, turnstile, number + 1))
        assert order == []
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_who_is_interrupted_while_waiting_holds_up_nobody() -> None:
    turnstile, is_inside, may_go = Turnstile(10), threading.Event(), threading.Event()
    main = threading.get_ident()

    def holds() -> None:
        with turnstile.through():
            is_inside.set()
            wait_until(partial(has_waiting, turnstile, 1))
            signal.pthread_kill(main, signal.SIGUSR1)
            may_go.wait(10)

    holder = threading.Thread(target=holds)
    before = signal.signal(signal.SIGUSR1, signal.default_int_handler)
    try:
        holder.start()
        is_inside.wait(10)
        with pytest.raises(KeyboardInterrupt), turnstile.through():
            pass
    finally:
        signal.signal(signal.SIGUSR1, before)
    may_go.set()
    holder.join()
    with turnstile.through():
        assert has_waiting(turnstile, 0)


def test_who_is_interrupted_as_it_is_let_in_lets_the_next_one_in() -> None:
    turnstile, mine = Turnstile(0.2), threading.Lock()
    turnstile._inside = -1  # it was handed over to `mine`, which hears of Ctrl-C instead
    turnstile._give_up(mine)
    with turnstile.through():
        pass


def test_nobody_is_with_another_inside() -> None:
    turnstile, inside, most = Turnstile(30), list[int](), list[int]()

    def goes() -> None:
        for _ in range(200):
            with turnstile.through():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=goes) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (1600, 1)


def test_who_has_waited_too_long_goes_away_and_holds_up_nobody() -> None:
    turnstile, waited = Turnstile(0.05), list[BaseException]()

    def waits() -> None:
        try:
            with turnstile.through():
                pass
        except TimeoutError as error:
            waited.append(error)

    with turnstile.through():
        thread = threading.Thread(target=waits)
        thread.start()
        thread.join()
    assert len(waited) == 1
    with turnstile.through():
        pass


def test_a_block_that_fails_lets_the_next_through() -> None:
    turnstile = Turnstile(1)
    with pytest.raises(ValueError, match="x"), turnstile.through():
        raise ValueError("x")
    with turnstile.through():
        pass


def test_a_writer_within_a_writer_is_told_at_once(tmp_path: Path) -> None:
    database = open_sqlite(tmp_path / "t.db")
    with pytest.raises(NestedError), database.write(), database.write():
        pass
    with database.write() as connection:
        connection.exec_driver_sql("SELECT 1")
    database.close()


def test_a_writer_that_has_waited_too_long_is_told_in_a_sentence(tmp_path: Path) -> None:
    opened, failed = open_sqlite(tmp_path / "t.db"), list[str]()
    database = Database(opened.engine, Turnstile(0.05))

    def writes() -> None:
        try:
            with database.write():
                pass
        except StoreError as error:
            failed.append(str(error))

    with database.write():
        thread = threading.Thread(target=writes)
        thread.start()
        thread.join()
    opened.close()
    assert failed == ["the database could not be used: other writers took more than 0.05 s"]
