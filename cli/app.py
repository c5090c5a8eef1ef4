"""The `imr` command with all its subcommands."""

from __future__ import annotations

from cli import (
    alerting,
    assistants,
    commands,
    doctor,
    downloading,
    evaluating,
    exporting,
    guidelines,
    indices,
    loading,
    precedents,
    retagging,
    suggesting,
    upkeep,
)
from cli.root import made

app = made()
loading.register(app)
commands.register(app)
evaluating.register(app)
app.command()(retagging.retag)
app.command()(suggesting.suggest)
upkeep.register(app)
app.command()(exporting.export)
precedents.register(app)
app.command()(guidelines.guidelines)
alerting.register(app)
app.command()(downloading.download)
app.command()(assistants.mcp)
indices.register(app)
app.command()(doctor.doctor)
