"""The routes, one module an area; each asks who it is and whether they may before it reads anything."""

from csr_console.central.routes import accounts, approvals, audit, commands, feed, operations, outages, signin

ROUTERS = tuple(
    module.router for module in (signin, commands, accounts, outages, feed, approvals, audit, operations)
)
