"""All tables, one family a file, the projections' own included. The rows do not leave storage and services."""

from repository.storage.database import Base
from repository.storage.models.accounts import Account, Answer, Session, Token
from repository.storage.models.builds import BuildRow
from repository.storage.models.files import Blob, File
from repository.storage.models.following import Checkpoint, ParkedChange, ProjectionRequest
from repository.storage.models.harvests import Harvest, HarvestedItem
from repository.storage.models.identity import InstanceRow
from repository.storage.models.log import ChangeRow, FileListRow, LogHead, SnapshotRow
from repository.storage.models.oai import (
    OaiClock,
    OaiCount,
    OaiItem,
    OaiLayer,
    OaiList,
    OaiMember,
    OaiMove,
    OaiRendering,
    OaiRequestCount,
    OaiSet,
    OaiSetsHead,
)
from repository.storage.models.records import DraftRow, ParentRow, Pid, RecordRow, Revision, Source
from repository.storage.models.vocabularies import TermRow, VocabularyHead

__all__ = [
    "Account",
    "Answer",
    "Base",
    "Blob",
    "BuildRow",
    "ChangeRow",
    "Checkpoint",
    "DraftRow",
    "File",
    "FileListRow",
    "Harvest",
    "HarvestedItem",
    "InstanceRow",
    "LogHead",
    "OaiClock",
    "OaiCount",
    "OaiItem",
    "OaiLayer",
    "OaiList",
    "OaiMember",
    "OaiMove",
    "OaiRendering",
    "OaiRequestCount",
    "OaiSet",
    "OaiSetsHead",
    "ParentRow",
    "ParkedChange",
    "Pid",
    "ProjectionRequest",
    "RecordRow",
    "Revision",
    "Session",
    "SnapshotRow",
    "Source",
    "TermRow",
    "Token",
    "VocabularyHead",
]
