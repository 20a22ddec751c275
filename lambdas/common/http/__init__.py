"""HTTP APIs behind API Gateway: routes, requests, answers and problems."""

import gc

# Loading AWS's description of a service makes some 100,000 objects that stay, and the collector would go through all of
# them again and again: a tenth of a cold start, in which somebody waits. Requests leave next to no cycles behind.
gc.set_threshold(50_000, 20, 100)
