"""New projects, plug-ins and studies, written from templates that run as they are."""
