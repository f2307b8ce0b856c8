"""The inputs that a workflow file declares: their types, defaults and limits."""

from __future__ import annotations

from engine.errors import Problems
from engine.input_limits import BOUNDED, CHOSEN, what_is_wrong
from engine.inputs import EXPECTED, fits, reader_of
from engine.language import InputSpec
from engine.model_problems import checked
from engine.nearest import listed
from engine.place import Place
from engine.values import described
from engine.workflow_file import Input


def read_inputs(place: Place, problems: Problems) -> dict[str, InputSpec]:
    """The inputs as declared; what is wrong with one is a problem, and it is left out."""
    read: dict[str, InputSpec] = {}
    for name, given in place.items():
        if not name.isidentifier():
            advice = "write letters, digits and _"
            problems.add(place.key(name), f"the input {name!r} is not a name", "expected a name", advice)
        long = given.under("type") if isinstance(given.value, str) else given
        options = checked(Input, long, f"the input {name}", problems, expressions=False)
        if options is not None:
            if options.default is not None and not fits(options.type, options.default):
                found = f"default of the input {name} is {described(options.default)}"
                expected = f"expected {EXPECTED.get(options.type, options.type)}"
                problems.add(given.at("default").location, found, expected, "correct the value")
            required = options.required and options.default is None
            read[name] = InputSpec(
                name,
                options.type,
                options.description,
                required,
                options.default,
                tuple(options.choices or ()),
                options.min,
                options.max,
                options.pattern,
            )
            _limits(read[name], given, problems)
    return read


def _limits(spec: InputSpec, given: Place, problems: Problems) -> None:
    """The limits of an input are of its type, and its default keeps them."""
    before = len(problems.found)
    for limit, types in (("choices", CHOSEN), ("min", BOUNDED), ("max", BOUNDED), ("pattern", ("text",))):
        place = given.at(limit)
        if place.value is None:
            continue
        if spec.type not in types:
            found = f"{limit} of the input {spec.name}, which is of type {spec.type}"
            problems.add(given.key(limit), found, f"expected it of {listed(types)}", "remove it")
        elif limit == "pattern":
            _pattern(spec, place, problems)
        else:
            for one in place.entries() if limit == "choices" else [place]:
                if not fits(spec.type, one.value):
                    found = f"{limit} of the input {spec.name} is {described(one.value)}"
                    expected = f"expected {EXPECTED.get(spec.type, spec.type)}"
                    problems.add(one.location, found, expected, "correct the value")
    if len(problems.found) > before or spec.default is None or not fits(spec.type, spec.default):
        return
    read = reader_of(spec.type)
    if wanted := what_is_wrong(spec, read(spec.default), read):
        found = f"default of the input {spec.name} is {described(spec.default)}"
        problems.add(given.at("default").location, found, f"expected {wanted}", "correct the value")


def _pattern(spec: InputSpec, place: Place, problems: Problems) -> None:
    import regex

    try:
        regex.compile(place.value)
    except regex.error as error:
        found = f"pattern of the input {spec.name} is {described(place.value)}: {error}"
        problems.add(place.location, found, "expected a regular expression", "correct it")
