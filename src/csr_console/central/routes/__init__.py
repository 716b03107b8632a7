"""The routes, one module an area; each asks who it is and whether they may before it reads anything."""
