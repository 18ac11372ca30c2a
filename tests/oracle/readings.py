"""Where the contract can be read in two ways, and the way the oracle takes; flip one to see what hangs on it."""

READINGS = {
    # The flag's own name says "at the grassroots" and its note "same or related field": it alone is row 8's person.
    "recognition_needs_grassroots_too": False,
    # A33 and row 15 write these two for 高技能人才 and 中小学教师; nothing else in the contract uses the two facts.
    "skill_training_needs_highly_skilled": True,
    "teacher_training_needs_school_teacher": True,
    # A15: the 45-minute rule is for 自治区本级 alone. Elsewhere minutes are not counted, rather than unknown.
    "minutes_elsewhere_are_unknown": False,
    # A history nobody told is tried as hours by year; a record of 事业单位 training in it would make `sector` matter.
    "unknown_history_may_hold_institution_training": False,
    # Row 2: what is not verified is not counted, a certificate of an examination included.
    "unverified_exam_is_rejected": True,
}
