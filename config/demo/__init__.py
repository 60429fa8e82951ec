"""bin/demo: servers, made-up trials, web, worker and beat from one command, and nothing left behind.

`options` what may be asked for; `folder` what is kept between runs; `children` the processes; `stopping` the
signals; `readiness` when they count as up; `welcome` what is printed then; `run` the order of it all. For
looking at, on this machine only: the people are invented and their passwords are on the screen.
"""
