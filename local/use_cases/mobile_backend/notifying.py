"""Notifications on their way to three consumers, and a message that is none."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from lambdas.common.http.problems import Problem
from lambdas.mobile_backend.contract import NOTIFIERS, Metric
from lambdas.mobile_backend.contract.models import Accepted, Notification, NotificationList
from local.use_cases.chapters import Shown
from local.use_cases.clients import Client, Transcript
from local.use_cases.mobile_backend.mailbox import Mailbox, Received
from local.use_cases.mobile_backend.queues import counted, dead_letters, impatient, waiting
from local.use_cases.mobile_backend.visit import SENDER, Visit
from local.use_cases.outcome import Listing
from local.use_cases.waiting import wait_until_done

PARCEL = {"title": "Your parcel is here", "text": "It waits at the door, behind the pot of thyme."}
QUIET = {"title": "Only on the phone", "text": "There is no mail of this.", "channels": ["push"]}
POISON = "this is no notification"


def three_consumers(visit: Visit, transcript: Transcript, mailbox: Mailbox) -> Shown:
    """Sent twice with one key, told once: by a banner, in a mail, in the audit trail."""
    ask, ann = transcript.ask, visit.app_of(visit.ann)
    phone = {"platform": "fcm", "token": uuid.uuid4().hex}
    ask("a phone that is to be told", ann, "POST /devices", expect=201, sends=phone)
    once = {"idempotency-key": str(uuid.uuid4())}
    sent = ask("a notification is on its way", ann, "POST /notifications", expect=202, sends=PARCEL, headers=once)
    again = ask("sent again with its key", ann, "POST /notifications", expect=202, sends=PARCEL, headers=once)
    transcript.check(again.body == sent.body, "the second answer to an Idempotency-Key is not the first one")
    ask("another one, without mail", ann, "POST /notifications", expect=202, sends=QUIET)
    _wait(lambda: len(_trail(ann)) > 1 and mailbox.received, "not every consumer was told")
    queues = [visit.outputs[f"{each}QueueUrl"] for each in ("Push", "Digest", "Audit")]
    _wait(lambda: not any(waiting(visit, each) for each in queues), "a consumer's queue is not worked off")
    listed = ask("the audit trail has each once", ann, "GET /notifications", expect=200).read(NotificationList)
    titles = [each.title for each in listed.notifications]
    transcript.check(titles == [QUIET["title"], PARCEL["title"]], f"the audit trail has {titles}")
    told = sent.read(Accepted).notification_id
    transcript.check(listed.notifications[-1].notification_id == told, "the audit trail has another id")
    _check_mails(transcript, visit, mailbox)
    banners = counted(visit, visit.outputs["PushFunctionName"], Metric.PUSHED)
    # The one that was sent twice may be pushed twice: the phone shows it once, by its id.
    transcript.check(banners in {2, 3}, f"{banners} banners of two notifications were handed to SNS")
    return Shown(
        listings=tuple(_letter(each) for each in mailbox.received),
        facts=(
            ("Push", f"{banners} banners handed to SNS, which knows no phones here; a phone shows each id once"),
            ("E-mail digest", f"{len(mailbox.received)} mail, by HTTP, to a mail provider that the demo plays"),
            ("Audit trail", ", ".join(titles)),
        ),
    )


def _check_mails(transcript: Transcript, visit: Visit, mailbox: Mailbox) -> None:
    transcript.check(len(mailbox.received) == 1, f"{len(mailbox.received)} mails have arrived, not one")
    transcript.check(not mailbox.refused, f"{mailbox.refused} mails came without the provider's key")
    for each in mailbox.received:
        mail = each.mail
        transcript.check(bool(each.idempotency_key), "the mail has no Idempotency-Key")
        transcript.check((mail.sender, mail.to) == (SENDER, visit.ann.email), f"from {mail.sender} to {mail.to}")
        transcript.check(mail.subject == PARCEL["title"], f"the mail's subject is {mail.subject!r}")
        transcript.check(PARCEL["text"] in mail.text, f"the mail says {mail.text!r}")


def _letter(received: Received) -> Listing:
    mail = received.mail
    rows = (("From", mail.sender), ("To", mail.to), ("Idempotency-Key", f"{received.idempotency_key[:16]}…"))
    return Listing(title=f"The mail that arrived: {mail.subject}", heads=("Header", "Value"), rows=rows, code=mail.text)


def of_others(visit: Visit, transcript: Transcript) -> Shown:
    """Whoever is made a notifier may notify others; the token says it from the next sign-in on."""
    ask = transcript.ask
    draft = {"title": "Welcome", "text": "From Ann.", "channels": ["push"], "recipient": visit.bob.user_id}
    before = ask("not yet a notifier", visit.app_of(visit.ann), "POST /notifications", expect=403, sends=draft)
    visit.cognito.admin_add_user_to_group(
        UserPoolId=visit.outputs["UserPoolId"], Username=visit.ann.email, GroupName=NOTIFIERS
    )
    notifier, bob = visit.app_of(visit.again(visit.ann)), visit.app_of(visit.bob)
    ask("a notifier, signed in anew", notifier, "POST /notifications", expect=202, sends=draft)
    _wait(lambda: _trail(bob), "the recipient was not told")
    found = ask("the recipient finds it", bob, "GET /notifications", expect=200).read(NotificationList).notifications
    told = [(each.title, each.sender) for each in found]
    transcript.check(told == [("Welcome", visit.ann.user_id)], f"the recipient finds {told}")
    return Shown(facts=(("Refused with", before.read(Problem).detail), ("Group", NOTIFIERS)))


def poison(visit: Visit, transcript: Transcript) -> Shown:
    """What cannot be handled comes again five times, and ends whole among the dead letters; others go on."""
    queue = visit.outputs["AuditQueueUrl"]
    letters, bob = dead_letters(visit, queue), visit.app_of(visit.bob)
    before = len(_trail(bob))
    with impatient(visit, queue):
        visit.sqs.send_message(QueueUrl=queue, MessageBody=POISON)
        draft = {"title": "Right behind it", "text": "Another message of the queue.", "channels": ["push"]}
        transcript.ask("a notification right behind it", bob, "POST /notifications", expect=202, sends=draft)
        _wait(lambda: len(_trail(bob)) > before, "a poison message keeps others from being handled")
        handled = waiting(visit, letters) == 0
        _wait(lambda: waiting(visit, letters), "the poison message does not end among the dead letters")
    messages = visit.sqs.receive_message(
        QueueUrl=letters, MaxNumberOfMessages=10, MessageSystemAttributeNames=["ApproximateReceiveCount"]
    ).get("Messages", [])
    bodies = [each["Body"] for each in messages]
    transcript.check(bodies == [POISON], f"the dead letters are {bodies}")
    failed = counted(visit, visit.outputs["AuditFunctionName"], Metric.FAILED)
    return Shown(
        listings=(Listing(title="The dead letter", heads=("Body",), rows=tuple((body,) for body in bodies)),),
        facts=(
            ("Tried", f"{failed} times, a second apart: the demo shortens the wait, which is minutes"),
            ("Others", "handled meanwhile" if handled else "handled"),
        ),
    )


def _trail(client: Client) -> tuple[Notification, ...]:
    return client.send("GET", "/notifications").read(NotificationList).notifications


def _wait(done: Callable[[], object], otherwise: str) -> None:
    wait_until_done(lambda: () if done() else (otherwise,), otherwise)
