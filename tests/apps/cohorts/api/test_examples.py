"""The examples of the description are answers that the API could give: to programs of analysts."""

import pytest

from apps.cohorts.api import shapes
from apps.cohorts.api.examples import EXAMPLES


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_the_fields_of_its_shape_and_no_others(name: str) -> None:
    example = dict(EXAMPLES[name])

    read = getattr(shapes, name).model_validate(example, strict=True)

    assert read.model_dump(exclude_unset=True) == example
