"""The three log groups of the demo: functions, containers of a website, and a warehouse's services."""

from __future__ import annotations

from typing import Final

from local.use_cases.log_analysis.software import (
    PATHS,
    SITE,
    Software,
    Template,
    combined_access,
    django_trace,
    failing,
    gateway_access,
    go_panic,
    java_caused,
    java_trace,
    lambda_json_trace,
    line,
    node_trace,
    python_trace,
    requests,
    timed_out,
)
from local.use_cases.log_analysis.writers import (
    bare,
    klog,
    lambda_node,
    lambda_text,
    logfmt,
    nginx_error,
    postgres,
    powertools,
    python_text,
    spring,
    syslog,
    zap,
)

CHECKOUT: Final = Software(
    chatter=[
        line("charged", powertools, "INFO", "Charged {money} EUR for order {order}", 4),
        line("basket loaded", powertools, "INFO", "Basket {uuid} loaded with {small} items", 4),
        line("cache", powertools, "INFO", "Price list cached for {int} seconds", 2),
        line("start", bare, "INFO", "START RequestId: {uuid} Version: $LATEST\n", 4),
        line("end", bare, "INFO", "END RequestId: {uuid}\n", 4),
        line("logged in", lambda_text, "INFO", "User {user} logged in from {ip}", 3),
        line("token refreshed", lambda_node, "INFO", "Token {hex8} of {mail} refreshed in {ms}", 3),
        line("slow call", powertools, "WARNING", "Call of {service} took {ms}, more than expected", 1),
    ],
    requests=requests(gateway_access, PATHS),
    errors=[
        line("declined", powertools, "ERROR", "Payment {uuid} declined by the acquirer after {ms}", 3.0),
        line(
            "dynamo throttled", powertools, "ERROR", "Write of basket {hex8} throttled, giving up after {small} tries"
        ),
        line("login failed", lambda_text, "ERROR", "Login failed for user {user} from {ip}", 2.5),
        line("webhook", lambda_node, "ERROR", "Webhook {url} answered {int}, expected 200", 0.8),
        line("queue", lambda_text, "ERROR", "Could not send to queue {arn}: request {uuid} timed out", 0.7),
        Template("KeyError in charge", python_trace, 1.0),
        failing(gateway_access, "GET", "/api/items/{int}", 502, 0.8),
    ],
    new=[
        line("fraud model", powertools, "ERROR", "Fraud model {hex40} refused input of {int} features"),
        Template("ValueError in number", lambda_json_trace, 1.0),
        Template("timed out", timed_out, 1.0),
        Template("TypeError in total", node_trace, 1.0),
    ],
    rising={"declined": 60.0, "GET /api/items/{int} 502": 25.0},
)

STOREFRONT: Final = Software(
    chatter=[
        line("rendered", python_text, "INFO", "Rendered product {sku} in {ms} for session {hex8}", 5),
        line("search", python_text, "INFO", "Search for '{words}' found {int} products", 3),
        line("mail sent", python_text, "INFO", "Sent order confirmation to {mail}", 2),
        line("signed up", python_text, "INFO", "New customer {name} signed up", 2),
        line("checkpoint", postgres, "LOG", "checkpoint complete: wrote {int} buffers ({percent}); write={seconds}", 1),
        line("connection", postgres, "LOG", "connection received: host={ip} port={int}", 2),
        line("theme", python_text, "INFO", "Theme {colour} chosen by {user}", 1),
    ],
    requests=requests(combined_access, SITE),
    errors=[
        line("unique", postgres, "ERROR", 'duplicate key value violates unique constraint "baskets_pkey"', 1.5),
        line("password", postgres, "FATAL", 'password authentication failed for user "{user}"', 0.8),
        line("feed", python_text, "ERROR", "Feed {file} has {int} lines without a price", 1.0),
        line("avatar", python_text, "ERROR", "Avatar of customer {name} could not be scaled to {int}x{int}", 1.5),
        line("redis", python_text, "ERROR", "Connection to redis at {socket} lost: [Errno 104] reset by peer", 0.8),
        line(
            "upstream",
            nginx_error,
            "ERROR",
            "upstream timed out (110: Connection timed out) while reading response header from upstream, "
            'client: {ip}, server: _, request: "GET /products/{sku} HTTP/1.1", upstream: "http://{socket}/", '
            'host: "shop.example.com"',
            1.2,
        ),
        Template("BasketLockedError", django_trace, 1.5),
        failing(combined_access, "GET", "/products/{sku}", 500, 0.7),
    ],
    new=[
        line("deadlock", postgres, "ERROR", "deadlock detected while updating tuple ({int},{small}) in stock"),
        line("certificate", python_text, "CRITICAL", "Certificate of {fqdn} expired on {date}"),
        line("worker", nginx_error, "ALERT", "worker process {int} exited on signal 9"),
    ],
    rising={"redis": 25.0, "GET /products/{sku} 500": 30.0},
)

FULFILMENT: Final = Software(
    chatter=[
        line("consumed", spring, "INFO", "Consumed {int} messages of topic {topic} in {ms}", 5),
        line("parcel", spring, "INFO", "Parcel {int} handed to carrier, label {token}", 4),
        line("picked", zap, "INFO", "picked route", 4),
        line("tick", logfmt, "INFO", "dispatched batch", 4),
        line("watch", klog, "INFO", "Watch close - *v1.ConfigMap total {int} items received", 1),
        line("session", syslog, "INFO", "session opened for user {user} by (uid={int})", 2),
        line("disk", syslog, "INFO", "disk {percent} full on {host}, {size} left", 1),
        line("scaled", klog, "INFO", "Scaled deployment of pod {pod} on {instance}", 1),
    ],
    requests=[],
    errors=[
        line("carrier", zap, "ERROR", "carrier refused parcel", 2.5),
        line("dial", logfmt, "ERROR", "dial tcp {socket}: connect: connection refused", 1.5),
        line("list", klog, "ERROR", "failed to list *v1.Secret: Get https://10.96.0.1:443/api/v1/secrets: EOF", 0.7),
        line("offset", spring, "ERROR", "Offset commit for topic {topic} failed after {small} retries", 2.0),
        line("scanner", syslog, "ERROR", "scanner on {host} sent checksum {pointer}, expected {pointer}", 1.5),
        line("weigh", spring, "ERROR", "Weight {money} of parcel {int} exceeds the limit of its tariff", 1.2),
        Template("IllegalStateException in deliver", java_trace, 0.8),
        Template("could not book", java_caused, 0.8),
    ],
    new=[
        line("panic config", zap, "ERROR", "tariff table has no row"),
        Template("index out of range", go_panic, 1.0),
        line("heap", spring, "ERROR", "Java heap space exhausted while sorting {int} parcels of {fqdn}"),
        line("no route", logfmt, "ERROR", "no route to {ip6} through gateway"),
    ],
    rising={"carrier": 50.0, "weigh": 25.0},
)

CATALOGUE: Final = (CHECKOUT, STOREFRONT, FULFILMENT)
