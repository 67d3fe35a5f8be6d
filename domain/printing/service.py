"""Putting documents into a person's cloud print queue (SC-86a)."""

from sqlalchemy import select

from connectors.documents.document import Document
from domain.organizations.actor import Actor
from domain.printing.models import HeldJob


def hold_document(actor: Actor, document: Document, key: str) -> str:
    """Hold `document` for the actor, once per `key`; returns the job's id."""
    with actor.session() as session:
        job = session.scalar(select(HeldJob).where(HeldJob.handover_key == key))
        if job is None:
            job = HeldJob(user_id=actor.user_id, handover_key=key, document=document.model_dump())
            session.add(job)
            session.flush()
        return job.id


def held_jobs(actor: Actor) -> list[tuple[str, Document]]:
    """The actor's held jobs, oldest first: id and document."""
    with actor.session(read_only=True) as session:
        query = select(HeldJob).where(HeldJob.user_id == actor.user_id).order_by(HeldJob.created)
        return [(job.id, Document.model_validate(job.document)) for job in session.scalars(query)]
