"""The function is made at AWS Lambda, or brought to what is installed here, or removed with its libraries."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.compute.aws_api import AwsApi, RefusedError, asking, region_of_chain
from adapters.compute.base import ComputeError, Surroundings
from adapters.compute.volume import Volume, VolumeKeys
from adapters.serving.functions import MISSING, VERSIONS_TAG, Functions, libraries_tag
from adapters.serving.package import HANDLER, function, layer_name, runtime, write_layer

NEEDED = ("aws_bucket", "aws_lambda_role")
MEMORY_MB, TIMEOUT_S = 1769, 900
"""One processor; Lambda's longest call. Each of ours has its own limit below that."""
READY_S, LOOK_S = 180.0, 0.5


def deployment(surroundings: Surroundings, tell: Callable[[str], None]) -> LambdaDeployment:
    """The deployment that these settings name.

    Raises
    ------
    ComputeError
        Names the settings that are missing.
    """
    options = surroundings.options
    missing = [f"STATAGENT_{name.upper()}" for name in NEEDED if not options.get(name)]
    region = options.get("aws_region") or region_of_chain()
    missing += [] if region else ["STATAGENT_AWS_REGION"]
    if missing:
        raise ComputeError(f"Lambda is half set up: set {', '.join(missing)} (docs/prediction.md)")
    api, bucket = AwsApi(region), options["aws_bucket"]
    volume = Volume(VolumeKeys(None, region, bucket, is_encrypted=True, called="bucket"))
    return LambdaDeployment(Functions(api, surroundings.install), volume, bucket, options["aws_lambda_role"], tell)


@dataclass(frozen=True)
class LambdaDeployment:
    """Makes and removes one installation's function; `tell` gets a sentence on each step."""

    functions: Functions
    volume: Volume
    bucket: str
    role: str
    tell: Callable[[str], None]

    def deploy(self, memory_mb: int = MEMORY_MB) -> None:
        """Make the function, or bring it to the libraries and the code that are here; done again it changes nothing.

        Raises
        ------
        ComputeError
            If AWS refuses, or the libraries here are not Lambda's.
        """
        name, (python, machine) = self.functions.name(), runtime()
        layer = self._layer(python, machine)
        sha256, code = function()
        settings: dict[str, Any] = {
            "Role": self.role,
            "Handler": HANDLER,
            "Runtime": python,
            "Layers": [layer],
            "MemorySize": memory_mb,
            "Timeout": TIMEOUT_S,
            "Description": f"statagent's predictions, code {sha256[:16]}",
            "Environment": {"Variables": {"OMP_NUM_THREADS": "1"}},
        }
        tags = {"statagent:install": self.functions.install(), VERSIONS_TAG: libraries_tag()}
        known = self._known()
        if known is None:
            with asking("CreateFunction"):
                self._client.create_function(
                    FunctionName=name, Code={"ZipFile": code}, Architectures=[machine], Tags=tags, **settings
                )
            self.tell(f"made the function {name} ({memory_mb} MB, {python}, {machine})")
        else:
            with asking("UpdateFunctionCode"):
                self._client.update_function_code(FunctionName=name, ZipFile=code, Architectures=[machine])
            self._wait(name)
            with asking("UpdateFunctionConfiguration"):
                self._client.update_function_configuration(FunctionName=name, **settings)
            with asking("TagResource"):
                self._client.tag_resource(Resource=known["Configuration"]["FunctionArn"], Tags=tags)
            self.tell(f"brought the function {name} to what is installed here ({memory_mb} MB, {python}, {machine})")
        self._wait(name)
        with asking("PutFunctionEventInvokeConfig"):
            # What fails is sent again by us, alone and inside the cap: Lambda tries nothing twice.
            self._client.put_function_event_invoke_config(
                FunctionName=name, MaximumRetryAttempts=0, MaximumEventAgeInSeconds=3600
            )
        self.tell(
            "it costs nothing until it is called, but some 70 MB in your bucket ($0.002 a month); "
            "`statagent deploy lambda --remove` removes it"
        )

    def remove(self) -> None:
        """Remove the function and its layers; that there is none is said, and no error."""
        name = self.functions.name()
        if self._known() is None:
            self.tell(f"there is no function {name}")
        else:
            with asking("DeleteFunction"):
                self._client.delete_function(FunctionName=name)
            self.tell(f"removed the function {name}")
        for version in self._layers(name):
            with asking("DeleteLayerVersion"):
                self._client.delete_layer_version(LayerName=name, VersionNumber=version["Version"])
            self.tell(f"removed version {version['Version']} of its libraries")
        for path in self.volume.files("layers"):
            self.volume.remove(path)

    @property
    def _client(self) -> Any:  # boto3 makes the client's class while it runs
        return self.functions.api.client("lambda")

    def _known(self) -> dict[str, Any] | None:
        try:
            with asking("GetFunction"):
                return dict(self._client.get_function(FunctionName=self.functions.name()))
        except RefusedError as error:
            if error.code in MISSING:
                return None
            raise

    def _layers(self, name: str) -> list[dict[str, Any]]:
        with asking("ListLayerVersions"):
            pages = self._client.get_paginator("list_layer_versions").paginate(LayerName=name)
            return [one for page in pages for one in page.get("LayerVersions", [])]

    def _layer(self, python: str, machine: str) -> str:
        """The libraries as a layer, which is made only where there is none of the same."""
        name, content = self.functions.name(), layer_name()
        for version in self._layers(name):
            if version.get("Description") == content:
                self.tell("the libraries are there already")
                return str(version["LayerVersionArn"])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "layer.zip"
            n_bytes = write_layer(path)
            size = path.stat().st_size
            self.volume.upload(f"layers/{content}.zip", path)
        with asking("PublishLayerVersion"):
            made = self._client.publish_layer_version(
                LayerName=name,
                Description=content,
                Content={"S3Bucket": self.bucket, "S3Key": f"layers/{content}.zip"},
                CompatibleRuntimes=[python],
                CompatibleArchitectures=[machine],
            )
        self.tell(f"sent the libraries ({size / 2**20:.0f} MiB, {n_bytes / 2**20:.0f} MiB unpacked)")
        return str(made["LayerVersionArn"])

    def _wait(self, name: str) -> None:
        """Until AWS has carried out the last change."""
        deadline = time.monotonic() + READY_S
        while True:
            with asking("GetFunctionConfiguration"):
                said = self._client.get_function_configuration(FunctionName=name)
            if said.get("State", "Active") == "Active" and said.get("LastUpdateStatus", "Successful") == "Successful":
                return
            if "Failed" in (said.get("State"), said.get("LastUpdateStatus")):
                raise ComputeError(f"AWS could not make the function: {str(said.get('StateReason', ''))[:200]}")
            if time.monotonic() > deadline:
                raise ComputeError(f"the function is not ready after {READY_S:.0f} s; `statagent deploy lambda` again")
            time.sleep(LOOK_S)
