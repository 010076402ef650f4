"""Validates exported cards against the schemas of the formats, offline: python3 check.py FOLDER; prints what is wrong and fails then.

Schemas come with packages: cyclonedx-python-lib (CycloneDX 1.7), model-card-toolkit (0.0.2, read from the installed files without importing it),
huggingface_hub (model-index and .eval_results), pydantic-sarif (generated from OASIS' sarif-schema-2.1.0.json).
"""

import importlib.metadata
import json
import pathlib
import sys

import jsonschema
import yaml

folder = pathlib.Path(sys.argv[1])
wrong = []


def check(name, of):
    try:
        of((folder / name).read_text(encoding="utf-8"))
    except Exception as error:  # every kind of refusal is told alike
        wrong.append(f"{name}: {type(error).__name__}: {error}")


def google(text):
    files = importlib.metadata.files("model-card-toolkit")
    schema = next(f for f in files if str(f).endswith("v0.0.2/model_card.schema.json"))
    schema = json.loads(schema.locate().read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(json.loads(text))
    card = json.loads(text)
    assert card["schema_version"] == "0.0.2" and len(card["quantitative_analysis"]["performance_metrics"]) > 5


def cyclonedx(text):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    error = JsonStrictValidator(SchemaVersion.V1_7).validate_str(text)
    assert error is None, repr(error)
    bom = json.loads(text)
    assert bom["components"][0]["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]


def hugging_face(text):
    from huggingface_hub import ModelCard

    card = ModelCard(text)
    assert card.data.eval_results, "no results"
    again = yaml.safe_load(text.split("---\n")[1])
    assert again["model-index"][0]["name"] == card.data.model_name
    assert all(isinstance(r.metric_value, float) for r in card.data.eval_results)


def eval_results(text):
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    listed = yaml.safe_load(text)
    entries = [
        EvalResultEntry(
            dataset_id=r["dataset"]["id"], task_id=r["dataset"]["task_id"], value=r["value"], date=r.get("date"), notes=r.get("notes")
        )
        for r in listed
    ]
    assert listed and eval_result_entries_to_yaml(entries) == listed


def sarif(text):
    from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Log

    Log.model_validate_json(text)


# Jenkins' xunit plugin, junit-10.xsd: which elements stand in which, which attributes they may have and must have. Written down from its documentation.
JUNIT = {
    "testsuites": ({"name", "time", "tests", "failures", "disabled", "errors", "skipped"}, set(), ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time", "timestamp", "skipped", "hostname", "id", "group"},
        {"name", "tests"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, {"name", "value"}, []),
    "testcase": ({"name", "classname", "time", "status", "group", "assertions"}, {"name", "classname"}, ["skipped", "error", "failure", "system-out"]),
    "failure": ({"type", "message"}, set(), []),
    "error": ({"type", "message"}, set(), []),
    "skipped": ({"type", "message"}, set(), []),
}


def junit(text):
    import xml.etree.ElementTree as tree

    def walk(element):
        allowed, needed, inside = JUNIT[element.tag]
        assert set(element.attrib) <= allowed, (element.tag, element.attrib)
        assert needed <= set(element.attrib), (element.tag, element.attrib)
        places = [inside.index(child.tag) for child in element]
        assert places == sorted(places), element.tag
        for child in element:
            walk(child)

    walk(tree.fromstring(text.encode("utf-8")))


# The attributes of ATRS 1.1 (ATRS1 template_table) and the keys of the Algoritmeregister 1.0 (AMT's v10_algorithm).
ATRS = """name description website contact_email organisation team senior_responsible_owner external_supplier external_supplier_identifier
external_supplier_role data_access_terms scope benefit alternatives_considered model_type frequency_usage phase maintenance system_architecture
process_integration provided_information human_decisions required_training appeals_and_review source_data_name source_data_description source_data_url
data_collection data_sharing_agreements data_access_and_storage impact_assessment_name impact_assessment_description impact_assessment_date
impact_assessment_link risk_name risk_description risk_mitigation""".split()
REGISTER = """name description_short organization category status begin_date end_date contact_email website publication_category url goal proportionality
human_intervention risks lawful_basis lawful_basis_grouping process_index_url impacttoetsen_grouping impacttoetsen source_data source_data_grouping
methods_and_models provider publiccode lang standard_version source_id tags lars publication_dt""".split()


def atrs(text):
    draft = json.loads(text)
    assert "draft, voluntary" in draft["status"]
    assert set(draft["record"]) | set(draft["unfilled"]) == set(ATRS), set(ATRS) ^ (set(draft["record"]) | set(draft["unfilled"]))
    assert not set(draft["record"]) & set(draft["unfilled"])
    many = {"source_data_name", "source_data_description", "risk_name", "risk_description"}
    assert all(isinstance(value, list) == (key in many) for key, value in draft["record"].items())


def register(text):
    entry = json.loads(text)
    assert set(entry) <= set(REGISTER), set(entry) - set(REGISTER)
    assert all(isinstance(value, str) and value.strip() for value in entry.values())


def annex(text):
    numbers = [line.split(".")[0][3:] for line in text.splitlines() if line.startswith("## ")]
    assert numbers == [str(n) for n in range(1, 10)], numbers


check("google", google)
check("cyclonedx", cyclonedx)
check("hugging-face", hugging_face)
check("eval-results", eval_results)
check("sarif", sarif)
check("junit", junit)
check("atrs", atrs)
check("algoritmeregister", register)
check("annex-iv", annex)
print("\n".join(wrong))
sys.exit(1 if wrong else 0)
