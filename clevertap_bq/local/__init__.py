"""`make run`: the whole product on one machine, under one supervisor.

Starts processes and hands them an environment; knows nothing of Django, imports or
connections. Production does not use it (docker-compose.yml starts the same commands).
"""
