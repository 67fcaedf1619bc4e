"""RunPod as a server on loopback: REST v2 and a volume's S3, whose pods are processes of this machine."""

from __future__ import annotations

from evals.world.runpod.server import RunPodWorld, runpod_world

__all__ = ["RunPodWorld", "runpod_world"]
