"""Validates objects of Kubernetes by the schemas of some of its releases, and those of operators by their definitions (CRDs).

    validate_objects.py OBJECTS CRDS VERSION...

OBJECTS is a file with a list of objects as JSON, CRDS a folder, which may be empty. The schemas of Kubernetes are those of the
package kubernetes-validate. Unknown fields are errors. Prints one line for each error, and one for each object without a schema.
"""

import json
import sys
from functools import lru_cache
from pathlib import Path

import jsonschema
import yaml
from kubernetes_validate import utils
from referencing import Registry, Resource

read = lru_cache(None)(utils.schema_contents)


@lru_cache(None)
def validator_of(version, kind, api_version):
    """The validator of a kind; None if this release does not have it."""
    folder = f"kubernetes-json-schema/v{version}-local-strict"
    group, _, number = api_version.rpartition("/")
    name = f"{kind.lower()}-{group.split('.')[0]}-{number}" if group else f"{kind.lower()}-{number}"
    try:
        schema = read(f"{folder}/{name}.json", version)
    except FileNotFoundError:
        return None
    return jsonschema.Draft202012Validator(schema, registry=definitions(folder, version))


@lru_cache(None)
def definitions(folder, version):
    contents = read(f"{folder}/_definitions.json", version)
    return Registry().with_resource("_definitions.json", Resource.from_contents(contents)).crawl()


def closed(schema):
    """A schema of a definition that rejects the fields which Kubernetes would drop."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    open_to_any = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object" and not open_to_any:
        inner["additionalProperties"] = False
    return inner


def defined_kinds(folder):
    kinds = {}
    for file in sorted(Path(folder).glob("*.yaml")):
        for document in yaml.load_all(file.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            spec = (document or {}).get("spec", {})
            for version in spec.get("versions", []):
                name = f"{spec['group']}/{version['name']}", spec["names"]["kind"]
                kinds[name] = jsonschema.Draft202012Validator(closed(version["schema"]["openAPIV3Schema"]))
    return kinds


def main(objects, crds, *versions):
    kinds = defined_kinds(crds)
    releases = {utils.major_minor(full): full for full in utils.all_versions()}
    for number, obj in enumerate(json.loads(Path(objects).read_text())):
        name = f"{number} {obj['kind']}/{obj['metadata']['name']}"
        defined = kinds.get((obj["apiVersion"], obj["kind"]))
        validators = {"definition": defined} if defined else {
            version: validator_of(releases[version], obj["kind"], obj["apiVersion"]) for version in versions
        }
        for version, validator in validators.items():
            if validator is None:
                print(f"{version}: {name}: no schema of {obj['apiVersion']} {obj['kind']}")
                continue
            for error in validator.iter_errors(obj):
                print(f"{version}: {name}: {'.'.join(map(str, error.path))}: {error.message}")


main(*sys.argv[1:])
