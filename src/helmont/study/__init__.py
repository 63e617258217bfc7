"""The study definition: from a folder of YAML to rules that run on every save.

    folder of YAML -> nodes -> reading -> checking -> Study -> publishing -> one JSON document and its hash
                                                       |
                                                       +----> compiling -> CompiledStudy, CompiledForm

* ``loading.load_study(folder)`` gives the frozen :class:`model.Study`, or raises ``StudyFaults`` with everything that
  is wrong. ``nodes`` keeps file and line of whatever is written, ``reading`` follows the annotations of the model,
  ``checking`` holds the rules between the parts, ``names`` what a name in an expression stands for.
* ``publishing.to_document`` and ``from_document`` turn a study into what the database stores, and back.
* ``compiling.compile_study(study)`` does once whatever does not depend on data; a ``CompiledForm`` then parses what
  people typed (``values``, ``units``, ``partial_dates``) and evaluates skips, calculations, ranges and checks
  (``cel``) into an ``outcomes.Outcome``.

Nothing here imports Django: a study can be checked and evaluated in a script, a worker or a notebook.
"""
