"""What `commonground start` keeps running, over a house that is built already and whose invented people may sign in.

Run as a process of its own with the port of the site, the data folder and the code in the environment; it says `ready`
and goes on until it is asked to stop. The database is left running.
"""

import os
import sys


def main(port: int) -> None:
    address = os.environ["COMMONGROUND_ADDRESS"] = f"http://localhost:{port}"
    from commonground.cli import _supervisor as supervisor
    from commonground.store.database import data_folder

    supervisor.stop_when_asked()
    data = data_folder()
    with supervisor.the_only_one(data):
        supervisor.start_database(data)
        with supervisor.children(data, port=port) as running:
            running.wait_until_ready(address)
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            running.watch()


if __name__ == "__main__":
    main(int(sys.argv[1]))
