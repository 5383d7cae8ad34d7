"""MLflow's server whose pages open for model training, without the chat window.

MLflow 3.17 keeps both settings in the browser alone: a page whose address does not say otherwise
opens for generative AI, and on a first visit a chat window takes a third of it. So the page that
loads the UI sets them on the first visit; what its user chooses later stays. The entry point
`mlflow.app` of this package names the server (`mlflow server --app-name harness`).
"""

from pathlib import Path

from flask import Response
from mlflow.server import app as flask_app
from mlflow.server.fastapi_app import app

__all__ = ["app"]

SETTINGS = """<script>
if (!localStorage.getItem('harness.settings')) {
  localStorage.setItem('harness.settings', '1');
  localStorage.setItem('mlflow.workflowType_v1', '"machine_learning"');
  localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true');
  localStorage.setItem('mlflow.assistant.panelOpen_v1', 'false');
}
</script>"""


def _first_page() -> Response:
    """MLflow's page with the settings; never cached, as MLflow's own page under this address is."""
    page = Path(flask_app.static_folder or "", "index.html").read_text(encoding="utf-8")
    return Response(
        page.replace("<head>", f"<head>{SETTINGS}", 1), headers={"Cache-Control": "no-store"}
    )


flask_app.view_functions["serve"] = _first_page
