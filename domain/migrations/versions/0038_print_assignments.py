"""Print assignments: printers for direct and offline printing, by tags."""

import sqlalchemy as sa
from alembic import op

import connectors.database

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "print_assignment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=150), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=255), nullable=False),
        sa.Column("naming", sa.String(length=16), nullable=False),
        sa.Column("changed", connectors.database.Utc(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_assignment_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_assignment")),
        sa.UniqueConstraint("organization_id", "name_key", name=op.f("uq_print_assignment_organization_id_name_key")),
    )
    with op.batch_alter_table("print_assignment", schema=None) as batch_op:
        batch_op.create_index("ix_print_assignment_holder", ["organization_id", "kind", "holder"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_assignment_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "print_assignment_person",
        sa.Column("assignment_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["print_assignment.id"],
            name=op.f("fk_print_assignment_person_assignment_id_print_assignment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_assignment_person_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_print_assignment_person_user_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("assignment_id", "user_id", name=op.f("pk_print_assignment_person")),
    )
    with op.batch_alter_table("print_assignment_person", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_print_assignment_person_organization_id"), ["organization_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_print_assignment_person_user_id"), ["user_id"], unique=False)

    op.create_table(
        "print_assignment_tag",
        sa.Column("assignment_id", sa.String(length=32), nullable=False),
        sa.Column("tag_id", sa.String(length=32), nullable=False),
        sa.Column("organization_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["print_assignment.id"],
            name=op.f("fk_print_assignment_tag_assignment_id_print_assignment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_print_assignment_tag_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["printer_tag.id"], name=op.f("fk_print_assignment_tag_tag_id_printer_tag"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("assignment_id", "tag_id", name=op.f("pk_print_assignment_tag")),
    )
    with op.batch_alter_table("print_assignment_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_assignment_tag_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_print_assignment_tag_tag_id"), ["tag_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("print_assignment_tag", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_assignment_tag_tag_id"))
        batch_op.drop_index(batch_op.f("ix_print_assignment_tag_organization_id"))

    op.drop_table("print_assignment_tag")
    with op.batch_alter_table("print_assignment_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_assignment_person_user_id"))
        batch_op.drop_index(batch_op.f("ix_print_assignment_person_organization_id"))

    op.drop_table("print_assignment_person")
    with op.batch_alter_table("print_assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_assignment_organization_id"))
        batch_op.drop_index("ix_print_assignment_holder")

    op.drop_table("print_assignment")
