namespace Vt.Trees.Export;

/// <summary>Why something was not brought back as it was.</summary>
public enum ExportIssueKind
{
    /// <summary>What the store has of it is missing or damaged; it was not made, or of a directory only a part.</summary>
    Damaged,

    /// <summary>Something has its name already and was left alone.</summary>
    Exists,

    /// <summary>The system refuses to make it.</summary>
    NotMade,

    /// <summary>It belongs to whoever ran the export, without setuid and setgid. Refusals for want of rights are told once.</summary>
    OwnerLost,

    /// <summary>The system refuses its permissions.</summary>
    ModeLost,

    /// <summary>The system refuses an extended attribute. Refusals for want of rights or support are told once each.</summary>
    AttributesLost,

    /// <summary>The system refuses its times.</summary>
    TimesLost,
}
