"""The table of rights as it is read: a slip in it is named, never taken for a no."""

from pathlib import Path

import pytest

from apps.workspace.rights import FILE, ROUTES, Table, read_table

COLUMNS = "coordinator clinician site_admin analyst system emergency"


def read(folder: Path, resources: str = "{}", routes: str = "{}", columns: str = COLUMNS) -> Table:
    file, answers = folder / "rights.yaml", folder / "rights_routes.yaml"
    file.write_text(f"resource columns: {columns}\nresources: {resources}\n", encoding="utf-8")
    answers.write_text(f"route columns: anonymous phone\nroutes: {routes}\n", encoding="utf-8")
    return read_table(file, routes=answers)


def test_a_cell_is_its_letters_and_a_dot_is_a_no(tmp_path: Path) -> None:
    table = read(tmp_path, "{trials.lead: vac va v . . v}")

    cells = {name: "".join(sorted(acts)) for name, acts in table.resources["trials.lead"].items()}
    assert cells == {
        "coordinator": "addchangeview",
        "clinician": "addview",
        "site_admin": "view",
        "analyst": "",
        "system": "",
        "emergency": "view",
    }


def test_a_route_is_its_method_its_path_and_its_answers(tmp_path: Path) -> None:
    (route,) = read(tmp_path, routes="{GET /app/: 200 401}").routes

    assert (route.method, route.path, route.answers) == ("GET", "/app/", {"anonymous": 200, "phone": 401})


@pytest.mark.parametrize(
    ("resources", "names"),
    [
        ("{trials.lead: vac va v .}", "trials.lead: the row has another number of cells"),
        ("{trials.lead: vac va v . . d}", "trials.lead: d is none of the letters v, a, c"),
    ],
)
def test_a_slip_names_its_row(tmp_path: Path, resources: str, names: str) -> None:
    with pytest.raises(ValueError, match=names):
        read(tmp_path, resources)


def test_each_role_has_a_column(tmp_path: Path) -> None:
    without_analyst = COLUMNS.replace("analyst ", "")

    with pytest.raises(ValueError, match="one for each role, system and emergency"):
        read(tmp_path, columns=without_analyst)


@pytest.mark.parametrize("file", [FILE, ROUTES], ids=lambda file: file.name)
def test_no_row_stands_twice(file: Path) -> None:
    """YAML would take the last one silently."""
    rows = [line.split(": ")[0] for line in file.read_text(encoding="utf-8").splitlines() if line[:2] == "  "]
    rows = [row for row in rows if not row.strip().startswith("#")]

    assert sorted(set(rows)) == sorted(rows)
