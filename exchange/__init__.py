"""The exchange: one Django project, one room (a Django app) for each idea of the business.

Floors, from the top: doors (`web`, `api`, `console`, `jobs`) translate and decide nothing; `journeys`
tell what spans rooms that do not know each other; rooms hold the rules; `core` holds what every room needs.
A room imports only rooms on lower floors. The floors are checked by `lint-imports` and by
`tests/architecture`.
"""
