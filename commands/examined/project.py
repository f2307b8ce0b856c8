"""The project: its folders, what it keeps, its secrets and its workflows."""

from __future__ import annotations

import shutil
import tempfile

from commands.examined.finding import Finding, State
from commands.session import Session
from engine.errors import ItemError

LEAST_DISK = 1_000_000_000


def data(session: Session) -> Finding:
    folder = session.project.data
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        advice = f"let this user write to {folder}, or set `data` in config/settings.yaml"
        return Finding("data folder", State.MISSING, f"{folder}: {error.strerror}", advice)
    return Finding("data folder", State.OK, str(folder))


def disk(session: Session) -> Finding:
    folder = next(place for place in (session.project.data, *session.project.data.parents) if place.exists())
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free"
    if free < LEAST_DISK:
        return Finding("disk", State.WARNING, found, "make room: runs keep their evidence there")
    return Finding("disk", State.OK, found)


def artifacts(session: Session) -> Finding:
    """Whether files can be kept: tried, by writing one."""
    project = session.project
    if project.artifacts_url is None:
        folder = next(place for place in (project.artifacts, *project.artifacts.parents) if place.exists())
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            advice = f"let this user write to {folder}, or set `artifacts` in config/settings.yaml"
            return Finding("artifacts", State.MISSING, f"{project.artifacts}: {error.strerror}", advice)
        return Finding("artifacts", State.OK, str(project.artifacts))
    from engine.bucket import ArtifactBucket

    bucket = session.surroundings.artifacts
    assert isinstance(bucket, ArtifactBucket)
    try:
        bucket.check()
    except ItemError as error:
        advice = "see that it runs, and that the connection `artifacts` or the environment may write to it"
        return Finding("artifacts", State.MISSING, session.scrubber.scrub(error.message), advice)
    return Finding("artifacts", State.OK, f"{bucket.url}, copies in {bucket.folder}")


def key(session: Session) -> Finding:
    store = session.surroundings.secrets
    problem = store.key_problem()
    if problem:
        return Finding("secret key", State.MISSING, problem.split("; run: ")[0], problem.split("; run: ")[1])
    if not store.key_file.exists():
        return Finding("secret key", State.OK, "none yet; made with the first secret")
    return Finding("secret key", State.OK, f"{store.key_file}, for its owner alone")


def modes(session: Session) -> Finding:
    """What holds secrets, sealed as they are, is for its owner alone."""
    store = session.surroundings.secrets
    places = [store.file, session.project.data / "sealed"]
    wide = [place for place in places if place.exists() and place.stat().st_mode & 0o077]
    if wide:
        found = ", ".join(f"{place} can be read by others (mode {place.stat().st_mode & 0o777:o})" for place in wide)
        return Finding("file modes", State.WARNING, found, f"chmod go= {' '.join(map(str, wide))}")
    return Finding("file modes", State.OK, "what holds secrets is for its owner alone")


def connections(session: Session) -> Finding:
    surroundings = session.surroundings
    names = surroundings.connections.names()
    unset = [name for name in surroundings.connections.secrets() if not surroundings.secrets.has(name)]
    if unset:
        users = sorted({user for name in unset for user in surroundings.connections.secrets()[name]})
        found = f"{', '.join(unset)} not set, needed by {', '.join(users)}"
        return Finding("connections", State.MISSING, found, f"secret set {unset[0]}")
    return Finding("connections", State.OK, ", ".join(names) or "none")


def workflows(session: Session) -> Finding:
    from commands.registry import load_actions
    from engine.workflows import Library

    folders = [folder for folder in session.project.workflow_folders if folder.exists()]
    library = Library(folders, load_actions(session.project))
    errors = [problem for problem in library.problems if problem.severity == "error"]
    if errors:
        return Finding("workflows", State.MISSING, f"{len(errors)} problems, the first: {errors[0]}", "run `check`")
    return Finding("workflows", State.OK, ", ".join(library.ids()) or "none")
